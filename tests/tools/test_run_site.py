"""`make run`: what it starts, what it refuses, and that it leaves nothing behind (R29)."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.live_server import ROOT, free_port

pytestmark = pytest.mark.live
PARTS = ("config.py", "wsgi.py", "engage", "tools", "templates", "static", "migrations")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Give a copy of the project that has never run."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / part)
    return tmp_path


def environment(port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "LC_ALL": "C.UTF-8",
        "PORT": str(port),
    }


def run_once(clone: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.run_site"]
    return subprocess.run(
        command, cwd=clone, env=environment(port), capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def running(clone: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the site; give its process and what it printed until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.run_site"],
        cwd=clone,
        env=environment(port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    printed = ""
    try:
        for line in process.stdout:
            printed += line
            if "Engage is at" in line:
                break
        assert "Engage is at" in printed, f"it did not start: {printed}"
        yield process, printed
    finally:
        process.terminate()
        process.wait(40)
        process.stdout.close()


def wait_until_gone(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=5)[1]


def test_a_fresh_clone_runs_and_stops_without_a_trace(clone: Path) -> None:
    port = free_port()
    with running(clone, port) as (process, printed):
        children = psutil.Process(process.pid).children(recursive=True)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            home = answer.read().decode()
        process.send_signal(signal.SIGINT)
        status = process.wait(40)

    assert f"Engage is at http://127.0.0.1:{port}" in printed
    assert "asha@example.org" in printed
    assert "four quiet herons at noon" in printed
    assert "<h1" in home
    assert "/events/" in home
    assert len(children) >= 4  # a web server with two processes, and the worker
    assert wait_until_gone(children) == []
    assert status == 0


def test_a_second_run_of_the_same_clone_is_refused_in_one_line(clone: Path) -> None:
    with running(clone, free_port()):
        second = run_once(clone, free_port())

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr == "Engage is running from this folder already; stop that one first.\n"


def test_a_taken_port_is_refused_and_nothing_is_changed(clone: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = run_once(clone, other.getsockname()[1])

    assert refused.returncode == 1
    assert refused.stderr.startswith("Port ")
    assert refused.stderr.count("\n") == 1
    assert not (clone / ".env").exists()
    assert not (clone / "instance").exists()


def test_the_end_of_the_worker_stops_the_site(clone: Path) -> None:
    with running(clone, free_port()) as (process, _printed):
        children = psutil.Process(process.pid).children(recursive=True)
        (worker,) = [child for child in children if "worker" in child.cmdline()]
        worker.kill()
        status = process.wait(40)

    assert status == 1
    assert wait_until_gone(children) == []


def test_a_killed_parent_takes_its_children_along(clone: Path) -> None:
    with running(clone, free_port()) as (process, _printed):
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(5)

        assert psutil.wait_procs(children, timeout=15)[1] == []
