"""What a server refuses to start with, and whom it answers (R37, S13)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from engage.edge.start_up import HEAD
from tests.live_server import BIN, ROOT, clean_environment, free_port

pytestmark = pytest.mark.live
GRANIAN = (str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1")


def environment(folder: Path, **changes: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        **clean_environment(),
        "ENGAGE_ENV": "production",
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "LINK_SECRETS": "fedcba9876543210fedcba9876543210",
        "BASE_URL": "https://engage.example.org",
        "DATABASE_URL": "",
        "LIMITS": "",
        "PORT": "",
        "INSTANCE_FOLDER": str(folder),
        **changes,
    }


def run(folder: Path, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(folder, **changes),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_command_that_is_refused_names_every_fault_without_a_traceback(tmp_path: Path) -> None:
    refused = run(tmp_path, sys.executable, "-m", "flask", "check", SECRET_KEY="short", BASE_URL="")

    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "Engage cannot start:",
        "- BASE_URL is missing, such as https://engage.example.org",
        "- SECRET_KEY is too short; it needs 32 characters or more.",
    ]


def test_a_server_refuses_a_database_without_the_schema(tmp_path: Path) -> None:
    refused = run(tmp_path, *GRANIAN, "--port", str(free_port()), "wsgi:app")

    assert refused.returncode == 1
    assert "run `flask db upgrade`" in refused.stderr + refused.stdout


@pytest.mark.parametrize(
    "command", ["check", "worker --once", "person disable a@example.org", "sample load", "sample remove"]
)
def test_a_command_without_the_schema_says_so_in_one_line(tmp_path: Path, command: str) -> None:
    refused = run(tmp_path, sys.executable, "-m", "flask", *command.split(), ENGAGE_ENV="development")

    assert refused.returncode == 1
    need = HEAD.read_text().strip()
    fault = f"The database is at revision none, this code needs {need}: run `flask db upgrade`."
    assert refused.stderr == f"Error: {fault}\n"


def test_a_server_refuses_the_sample_in_production(tmp_path: Path) -> None:
    for command in (["db", "upgrade"], ["sample", "load"]):
        done = run(tmp_path, sys.executable, "-m", "flask", *command, ENGAGE_ENV="development")
        assert done.returncode == 0, done.stderr

    refused = run(tmp_path, *GRANIAN, "--port", str(free_port()), "wsgi:app")

    assert refused.returncode == 1
    assert "run `flask sample remove`" in refused.stderr + refused.stdout
    worker = run(tmp_path, sys.executable, "-m", "flask", "worker", "--once")
    assert worker.returncode == 1
    assert worker.stderr.startswith("Error: The sample's sign-ins are in the database")
    assert run(tmp_path, sys.executable, "-m", "flask", "sample", "remove").returncode == 0


def test_an_unknown_host_is_refused_with_a_page(app: Flask) -> None:
    answer = app.test_client().get("/privacy", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "<h1" in answer.text
    assert "evil.example" not in answer.text
