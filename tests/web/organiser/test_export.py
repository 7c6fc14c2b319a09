"""Taking responses away from the desk, and by command: each time noted, none of it kept anywhere (S37, S38, P25)."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from engage.audit.models import AuditEntry
from engage.kernel.settings import Site
from engage.responses.enums import Attribution, IdentityBasis
from engage.responses.services import Naming, Sender
from tests.factories import hidden, make_person, sign_in
from tests.pages import Page
from tests.responses.makers import answer, comment, event_about, open_consultation, publish_all
from tests.web.organiser.conftest import Send, Unit

ABOUT = "/organise/consultations/levelling-up/export"
OF_EVENT = "/organise/events/over-lunch/export"
WHOLE = {"profile": "public", "question": "", "what": "", "format": "csv"}
SENDER = Sender(IdentityBasis.GUEST, name="Una Said", email="una@example.org")


@pytest.fixture(autouse=True)
def said(unit: Unit, app: Flask) -> None:
    """An answer that is published, one whose author is not to be named, and a comment."""
    site: Site = app.extensions["engage"].site()
    with unit():
        mo, consultation = make_person("mo@example.org", "moderator"), open_consultation()
        publish_all(answer(consultation, site=site), moderator=mo)
        answer(consultation, site=site, sender=SENDER, naming=Naming(Attribution.NOT_PUBLISHED), answers={2: "Hush."})
        publish_all(comment(event_about(consultation), site=site), moderator=mo)


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline=""), strict=True))


def noted(unit: Unit) -> list[dict[str, Any]]:
    with unit() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act.like("%:responses:export")))
        return [{"act": entry.act, "actor": entry.actor is not None, **(entry.after or {})} for entry in entries]


def test_an_organiser_takes_a_file_and_it_is_noted(send: Send, unit: Unit) -> None:
    """S37, S38."""
    answer = send(ABOUT, **WHOLE)

    assert [row["response"] for row in rows_of(answer)] == ["Ask the tenants."]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="levelling-up-responses-public.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert noted(unit) == [
        {"act": "organiser:responses:export", "actor": True, "profile": "public", "as": "csv", "responses": 1,
         "identities": False}
    ]  # fmt: skip


def test_the_page_says_what_each_file_holds_and_suggests_the_one_that_tells_least(asha: FlaskClient) -> None:
    page = asha.get(ABOUT)
    form = next(form for form in Page(page).forms if "profile" in form.kinds)

    assert form.values["profile"] == "public"
    assert "Answers to confidential questions are left out." in page.text
    assert "identities" not in form.kinds
    assert f'href="{ABOUT}"' in asha.get("/organise/consultations/levelling-up/").text
    assert f'href="{OF_EVENT}"' in asha.get("/organise/events/over-lunch/").text


def test_the_comments_of_an_event_are_a_file_too(send: Send) -> None:
    document = json.loads(send(OF_EVENT, **{**WHOLE, "format": "json"}).get_data())

    assert (document["about"], document["profile"]) == ("event over-lunch", "public")
    assert [row["response"] for row in document["responses"]] == ["I came out thinking."]


def test_an_organiser_does_not_get_whose_they_are_and_an_administrator_does_if_asked(
    send: Send, app: Flask, unit: Unit
) -> None:
    """P25, S22: the permission is of its own, its use is noted."""
    everything = {**WHOLE, "profile": "organiser", "identities": "yes"}
    [hushed] = _hush(send(ABOUT, **everything))
    with unit():
        make_person("ada@example.org", "administrator")
    ada = app.test_client()
    sign_in(ada, "ada@example.org")
    typed = {**hidden(ada.get(ABOUT)), **everything}
    refused = ada.post(ABOUT, data={**typed, "profile": "public"})
    [whose] = _hush(ada.post(ABOUT, data=typed))

    assert hushed["response"] == whose["response"] == "Hush."
    assert "sender_email" not in hushed
    assert refused.status_code == 422
    assert "only be added to the file for our own staff" in refused.text
    assert (whose["sender_name"], whose["sender_email"]) == ("Una Said", "una@example.org")
    assert sorted(entry["identities"] for entry in noted(unit)) == [False, True]


def _hush(answer: TestResponse) -> list[dict[str, str]]:
    return [row for row in rows_of(answer) if row["question"] == "2"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"profile": ""}, "Choose whom the file is for."),
        ({"profile": "everything"}, "Choose whom the file is for."),
        ({"format": "exe"}, "Choose how the file is written."),
        ({"question": "1"}, "Choose from the list."),
        ({"what": "letter"}, "Choose from the list."),
        ({"channel": "pigeon"}, "Choose from the list."),
        ({"medium": "smoke"}, "Choose from the list."),
        ({"language": "xx"}, "Choose from the list."),
        ({"first_day": "yesterday"}, "Write the date as year, month and day, such as 2027-03-31."),
        ({"first_day": "2026-09-02", "last_day": "2026-09-01"}, "Write a day that is not before the first one."),
    ],
)
def test_what_cannot_be_chosen_is_told_and_nothing_is_taken(
    send: Send, unit: Unit, typed: dict[str, str], sentence: str
) -> None:
    answer = send(ABOUT, **{**WHOLE, **typed})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert noted(unit) == []


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["export", "responses", *arguments])
    return result.exit_code, result.output


def test_the_command_writes_the_same_file_for_nobody_else_to_read(app: Flask, unit: Unit, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    code, said = run(app, str(path), "--consultation", "levelling-up", "--for", "organiser", "--identities")

    assert (code, said.splitlines()[-1]) == (0, f"2 responses written to {path}.")
    with path.open(newline="") as file:
        assert {row["sender_email"] for row in csv.DictReader(file)} == {"", "una@example.org"}
    assert path.stat().st_mode & 0o077 == 0
    assert [entry["act"] for entry in noted(unit)] == ["command:responses:export"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("a.csv", [], "Name one consultation"),
        ("a.csv", ["--consultation", "levelling-up", "--event", "over-lunch"], "Name one consultation"),
        ("a.csv", ["--consultation", "nowhere"], "find that consultation"),
        ("a.csv", ["--event", "nowhere"], "find that event"),
        ("a.txt", ["--event", "over-lunch"], "Say how it is written"),
        ("a.csv", ["--event", "over-lunch", "--question", "1"], "goes with --consultation"),
        ("a.csv", ["--consultation", "levelling-up", "--question", "9"], "no question 9"),
        ("a.csv", ["--event", "over-lunch", "--identities"], "organiser's file alone"),
        ("no/a.csv", ["--event", "over-lunch"], "cannot be written"),
        ("there.csv", ["--event", "over-lunch"], "is there already"),
    ],
)
def test_a_command_that_cannot_be_done_says_why_in_one_line(
    app: Flask, unit: Unit, tmp_path: Path, name: str, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "there.csv").write_text("mine")
    code, said = run(app, str(tmp_path / name), *arguments)

    assert code == 1
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert noted(unit) == []
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]
