"""The real web server and the real worker as processes, for browsers, races, kills and the bench."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# As tools/run_site.py starts it.
SMALL = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "PYTHONOPTIMIZE": "2", "PYTHONNODEBUGRANGES": "1"}
ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LONGEST_START_S = 40


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class LiveSite:
    """A running site. `environment` is what its processes got; `folder` holds its files and logs.

    `application` is what the server loads: Engage, or an app that it is held against.
    """

    base_url: str
    port: int
    folder: Path
    environment: dict[str, str]
    workers: int = 2
    application: str = "wsgi:app"
    web: subprocess.Popen[bytes] | None = None
    mail_workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _logs: list[Path] = field(default_factory=list)

    def flask(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a Flask command on the same database; return what it printed. Raises when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"flask {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def start_web(self) -> None:
        """Start the web server and wait until it answers."""
        self.web = self._start(
            "web",
            str(BIN / "granian"),
            *("--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--workers", str(self.workers), "--blocking-threads", "8", "--workers-kill-timeout", "10"),
            *("--respawn-failed-workers", "--log-level", "error", self.application),
        )
        end = time.monotonic() + LONGEST_START_S
        while time.monotonic() < end and self.web.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.base_url}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError(f"the site did not start:\n{self.logs()}")

    def start_worker(self) -> None:
        """Start a worker; the second one works beside the first."""
        self.mail_workers.append(self._start("worker", sys.executable, "-m", "flask", "worker"))

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        path = self.folder / f"{name}.log"
        self._logs.append(path)
        with path.open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def logs(self) -> str:
        """Return what the processes wrote."""
        return "\n".join(path.read_text(errors="replace") for path in dict.fromkeys(self._logs) if path.exists())

    def kill(self) -> None:
        """Kill every process at once, as a power cut would (R4, R29)."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in self._processes():
            process.wait()
        self.web = None
        self.mail_workers.clear()

    def stop(self) -> None:
        """Stop both as an operator would; whatever is left after 30 s is killed."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                process.terminate()
        for process in self._processes():
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
        self.kill()

    def _processes(self) -> list[subprocess.Popen[bytes]]:
        return [*([self.web] if self.web else []), *self.mail_workers]


@contextmanager
def live_site(
    database_url: str,
    *,
    environment: Mapping[str, str] | None = None,
    workers: int = 2,
    with_worker: bool = True,
    application: str = "wsgi:app",
) -> Iterator[LiveSite]:
    """Run a site on a migrated database; `environment` holds further settings (see README.md)."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="eng-live-") as folder:
        site = LiveSite(
            base_url=f"http://127.0.0.1:{port}",
            port=port,
            folder=Path(folder),
            workers=workers,
            application=application,
            environment={
                "PATH": os.environ["PATH"],
                "HOME": folder,
                "LC_ALL": "C.UTF-8",
                "PYTHONUNBUFFERED": "1",
                **SMALL,
                **clean_environment(),
                "ENGAGE_ENV": "development",
                "SECRET_KEY": secrets.token_hex(32),
                "LINK_SECRETS": secrets.token_hex(32),
                "PORT": str(port),
                "DATABASE_URL": database_url,
                "INSTANCE_FOLDER": folder,
                "LIMITS": "off",
                "CALENDAR_COLLECT_SECONDS": "0",
                **(environment or {}),
            },
        )
        try:
            site.start_web()
            if with_worker:
                site.start_worker()
            yield site
        finally:
            site.stop()


def clean_environment() -> dict[str, str]:
    """Return every setting as not set, so that a developer's own `.env` reaches no test."""
    names = (
        "BASE_URL LIMITS_URL SMTP_URL MAIL_FROM MAIL_DOMAIN CONTACT_EMAIL TRUSTED_PROXIES TRUSTED_HOSTS "
        "ORGANISATION_NAME DEFAULT_TIMEZONE LANGUAGES LOG_FORMAT FLASK_DEBUG "
        "INBOUND_MAIL INBOUND_AUTHSERV_ID DKIM_KEY DKIM_SELECTOR QUEUE_URL"
    )
    return dict.fromkeys(names.split(), "")
