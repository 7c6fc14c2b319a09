"""`flask export consultation` and `flask import consultation`."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.consultations.models import Consultation, Question
from engage.responses.models import Response
from tests.databases import TestDatabase
from tests.responses.scenes import say_everything

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def path(app: Flask, unit: Unit, tmp_path: Path) -> Path:
    """Give the file of a consultation with answers of every state."""
    with unit():
        say_everything(app.extensions["engage"].site())
    path = tmp_path / "levelling-up.jsonl"
    assert run(app, "export", "consultation", "levelling-up", str(path), "--identities") == (
        0,
        f"6 sittings written to {path}. Recordings are left out.",
    )
    return path


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the last line that was printed."""
    result = app.test_cli_runner().invoke(args=list(arguments))
    return result.exit_code, result.output.splitlines()[-1]


def acts(unit: Unit) -> list[tuple[str, object]]:
    with unit() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act.like("command:consultation:%")))
        return [(entry.act, entry.after) for entry in entries]


def test_a_trial_stores_nothing_an_import_everything_and_a_second_nothing_more(
    app: Flask, unit: Unit, path: Path, database: TestDatabase
) -> None:
    """R39, S47, S37."""
    assert acts(unit) == [("command:consultation:export", {"sittings": 6, "identities": True})]
    assert path.stat().st_mode & 0o077 == 0
    database.empty()
    new = "New: Consultation “levelling-up” with 5 questions; 6 sittings with 8 responses, 3 of them published."

    tried = run(app, "import", "consultation", str(path), "--dry-run")
    with unit() as session:
        left = [session.scalars(select(model.id)).all() for model in (Consultation, Response, AuditEntry)]
    first = run(app, "import", "consultation", str(path))
    second = run(app, "import", "consultation", str(path))

    assert tried == (0, f"Tried, and nothing stored. {new} Here already: 0 sittings.")
    assert left == [[], [], []]
    assert first == (0, f"Imported. {new} Here already: 0 sittings.")
    assert second == (0, "Imported. Nothing is new. Here already: 6 sittings.")
    assert {str(after) for _, after in acts(unit)} == {
        "{'sittings': 6, 'responses': 8, 'consultation': True}",
        "{'sittings': 0, 'responses': 0, 'consultation': False}",
    }


def test_a_file_with_faults_is_refused_whole_and_each_is_told(
    app: Flask, unit: Unit, path: Path, database: TestDatabase
) -> None:
    """S47."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line.get("is") == "sitting":
            line["channel"] = "pigeon"
    path.write_text("\n".join(map(json.dumps, lines)))
    database.empty()
    result = app.test_cli_runner().invoke(args=["import", "consultation", str(path)])

    assert result.exit_code == 1
    assert result.output.count("channel: one of these is expected: web, event, email, post, phone, import.") == 6
    assert result.output.splitlines()[-1] == "Error: 6 lines cannot be used, so nothing was imported."
    with unit() as session:
        assert session.scalars(select(Consultation.id)).all() == []


def test_what_is_here_as_something_else_is_refused_in_one_line(app: Flask, unit: Unit, path: Path) -> None:
    with unit() as session:
        session.execute(update(Question).where(Question.number == 1).values(number=80))
    code, said = run(app, "import", "consultation", str(path))

    assert code == 1
    assert "its question 1 is not the one of the file" in said


def test_what_is_no_file_of_a_consultation_is_refused(app: Flask, path: Path) -> None:
    path.write_text("hello\n")

    assert run(app, "import", "consultation", str(path)) == (
        1,
        "Error: This is no file of a consultation, or a later version of Engage wrote it.",
    )
    assert run(app, "export", "consultation", "nowhere", str(path.with_name("b.jsonl")))[0] == 1
    assert run(app, "export", "consultation", "levelling-up", str(path)) == (1, f"Error: {path} is there already.")
