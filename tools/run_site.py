"""Start Engage on one machine: make ready what is missing, then run the web server and the worker together.

Ctrl-C, SIGTERM, or the end of either stops both; no process is left behind (R29).
"""

import argparse
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TextIO

from config import ROOT, Settings, SettingsError, wanted_port, write_development_env

LONGEST_STOP_S = 30
LONGEST_START_S = 60
BIN = Path(sys.executable).parent
FLASK = [sys.executable, "-m", "flask"]
# Less memory. glibc would give each of many threads an arena of its own, and keep large pieces when they are free
# (mallopt(3)); Python keeps no docstrings and of each instruction its line alone.
SMALL = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "PYTHONOPTIMIZE": "2", "PYTHONNODEBUGRANGES": "1"}
PR_SET_PDEATHSIG = 1  # Linux, see prctl(2)


class Refusal(Exception):  # noqa: N818 - it is a sentence for the person who started us
    """Why the site was not started: one line."""


class Stopped(BaseException):
    """Somebody asked us to stop."""


def web_command(port: int) -> list[str]:
    """Return the command of the web server: two processes, eight requests at once in each."""
    return [
        str(BIN / "granian"),
        *("--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "8", "--workers-kill-timeout", "10"),
        *("--respawn-failed-workers", "--log-level", "error", "wsgi:app"),
    ]


def worker_command() -> list[str]:
    """Return the command of the worker."""
    return [*FLASK, "worker"]


def refuse_taken_port(port: int) -> None:
    """Raise Refusal when somebody listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refusal(
                f"Port {port} is not free ({error.strerror}); try another one: make run PORT={port + 1}"
            ) from error


def lock_clone(folder: Path) -> TextIO:
    """Hold the lock of this clone while the returned file is open. Raises Refusal when another run has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (folder / "run.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise Refusal("Engage is running from this folder already; stop that one first.") from error
    return file


def make_ready(settings: Settings) -> str:
    """Bring database, templates and texts up to date; return what `flask sample load` says (the sign-ins)."""
    _run([*FLASK, "db", "upgrade"], "the database could not be brought up to date")
    _run([*FLASK, "compile-templates"], "the templates could not be compiled")
    catalogues = ROOT / "engage" / "translations"
    if any(catalogues.glob("*/LC_MESSAGES/*.po")):
        _run(
            [str(BIN / "pybabel"), "-q", "compile", "-d", str(catalogues)],
            "the translations could not be compiled",
        )
    if not settings.development:
        return ""
    return _run([*FLASK, "sample", "load"], "the sample could not be loaded")


def _run(command: list[str], complaint: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        raise Refusal(f"Engage was not started: {complaint} (see above).")
    return done.stdout


def run_together(commands: list[list[str]], port: int, message: str) -> int:
    """Run the commands until one ends or we are stopped; say `message` once the site answers."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        running += [start(command) for command in commands]
        _wait_until_answering(port, running)
        print(message, flush=True)
        while all(process.poll() is None for process in running):
            time.sleep(0.2)
        ended = next(process for process in running if process.poll() is not None)
        print(f"Stopping, since one part ended by itself (status {ended.returncode}).", file=sys.stderr)
        return 1
    finally:
        stop_all(running)


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own, so that it can be stopped with all it started."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **SMALL},
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread
    )


def _end_with_parent() -> None:
    if sys.platform == "linux":  # a parent that is killed cannot stop its children: the kernel does
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_answering(port: int, running: list[subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + LONGEST_START_S
    while time.monotonic() < end and all(process.poll() is None for process in running):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.1)
    raise Refusal("Engage did not start; its own messages are above.")


def stop_all(running: list[subprocess.Popen[bytes]]) -> None:
    """Ask every process to end, wait at most 30 s for all, then kill what is left of their groups."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for process in running:
        with suppress(ProcessLookupError):
            process.terminate()
    end = time.monotonic() + LONGEST_STOP_S
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, end - time.monotonic()))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def main() -> int:
    """Start what was asked for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["serve"], help="the web server alone, with nothing made ready")
    only = parser.parse_args().only
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    try:
        port = wanted_port()
        refuse_taken_port(port)
        if only == "serve":
            Settings.from_env()
            return run_together([web_command(port)], port, f"Engage is at http://127.0.0.1:{port}")
        with lock_clone(ROOT / "instance"):
            if write_development_env():
                print("Wrote .env with new secrets.")
            settings = Settings.from_env()
            sign_ins = make_ready(settings).strip()
            message = f"{sign_ins}\n\nEngage is at http://127.0.0.1:{port} (Ctrl-C stops it)".lstrip()
            return run_together([web_command(port), worker_command()], port, message)
    except (Refusal, SettingsError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Stopped:
        print("Engage has stopped.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
