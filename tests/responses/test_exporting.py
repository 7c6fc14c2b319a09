"""Files of responses: what each profile holds and what it never does, in four formats (P6, S9, S23, R33)."""

import csv
import io
import json
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from engage.consultations.queries import get_any_consultation
from engage.events.queries import get_event
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.media.enums import MediaKind, MediaState, TrackKind
from engage.media.models import MediaAsset, MediaTrack
from engage.responses.consents import every_wording
from engage.responses.enums import Channel, ResponseKind
from engage.responses.errors import WorkbookFullError
from engage.responses.exporting import files
from engage.responses.exporting.files import ExportFile
from engage.responses.exporting.formats import FileFormat
from engage.responses.exporting.profiles import Profile, columns_of
from engage.responses.exporting.rows import AT_ONCE, ORDER, export_rows
from engage.responses.exporting.scopes import Scope
from engage.responses.models import Response, Submission
from engage.responses.search.facets import Medium
from engage.responses.services.consenting import change_consents
from engage.responses.services.owning import Owner
from tests.responses.scenes import say_everything

Unit = Callable[[], AbstractContextManager[Session]]
PERSONAL = ("Una", "una@example.org", "Secret Society")


@pytest.fixture(autouse=True)
def said(unit: Unit, site: Site, clock: time_machine.Traveller) -> str:
    """Let there be something of every state; returns a receipt code."""
    with unit():
        return say_everything(site)


def _scope(profile: Profile, **other: Any) -> Scope:
    consultation = get_any_consultation("levelling-up")
    return Scope(profile, consultation_id=consultation.id, **other)


def _file(scope: Scope, file_format: FileFormat, site: Site) -> ExportFile:
    return ExportFile(
        scope=scope,
        file_format=file_format,
        kind="consultation",
        slug="levelling-up",
        title="Levelling up",
        timezone="Europe/London",
        site=site,
        at=real_clock.now(),
    )


def _rows(scope: Scope) -> list[dict[str, Any]]:
    columns = columns_of(scope.profile, with_identities=scope.with_identities)
    return [dict(zip(columns, row, strict=True)) for row in export_rows(scope, at=real_clock.now())]


def _words(rows: list[dict[str, Any]]) -> list[str]:
    return sorted("; ".join((*row["choices"], row["response"])) for row in rows)


def test_everybody_gets_what_is_shown_and_nothing_else(unit: Unit) -> None:
    """P6, P14, I12."""
    with unit():
        rows = _rows(_scope(Profile.PUBLIC))

    assert _words(rows) == ["=2+5", "Ask […] first.", "Buses; Other: Ferries; ", "I came out thinking."]
    assert {row["name"] for row in rows} == {"Gwen Price"}
    assert {row["is_redacted"] for row in rows if row["response"].startswith("Ask")} == {True}
    assert not {"state", "channel", "respondent", "known_as"} & set(rows[0])
    assert [name for name in rows[0] if name.startswith("may_")] == []


def test_an_analyst_gets_every_standing_response_and_no_name(unit: Unit) -> None:
    """P1, P6: confidential answers and what was taken back are not there, nor what a moderator took out."""
    with unit():
        rows = _rows(_scope(Profile.ANALYST))

    assert _words(rows) == [
        *("=2+5", "=2+5", "Ask […] first.", "Buses; Other: Ferries; ", "Buy my boat.", "I came out thinking."),
        "Not for you.",
    ]
    assert "name" not in rows[0]
    states = {row["response"]: (row["state"], row["may_publish_site"], row["may_quote_report"]) for row in rows}
    assert states["Not for you."] == ("unpublishable", False, True)
    assert states["Buy my boat."] == ("refused", True, True)
    told = json.dumps(rows, default=str)
    for word in (*PERSONAL, "Gwen", "Dafydd", "regret", "moved us out"):
        assert word not in told


def test_staff_get_everything_but_what_was_taken_back_or_out(unit: Unit) -> None:
    """P11, P13, rule 7."""
    with unit():
        rows = _rows(_scope(Profile.ORGANISER))

    assert [row["response"] for row in rows if row["state"] == "withdrawn"] == [""]
    assert "They moved us out." in _words(rows)
    assert {row["refused_for"] for row in rows} == {None, "spam"}
    told = json.dumps(rows, default=str)
    for word in (*PERSONAL, "Dafydd", "regret"):
        assert word not in told


@pytest.mark.parametrize("profile", Profile)
def test_a_transcript_is_there_with_its_recording_and_gone_where_a_moderator_stopped_it(
    unit: Unit, profile: Profile
) -> None:
    """Rule 6, P11: of a recording that not everybody may play, everybody gets the transcript."""
    with unit() as session:
        for response in session.scalars(select(Response).where(Response.body.in_(["As a whole.", "Ask […] first."]))):
            body = "Said aloud." if response.event_id else "Ask Dafydd."
            track = MediaTrack(kind=TrackKind.TRANSCRIPT, language="en", body=body, made_on=response.received_on)
            response.media = MediaAsset(
                kind=MediaKind.AUDIO,
                state=MediaState.READY,
                storage_key=body,
                size=9,
                duration_ms=61_000,
                received_on=response.received_on,
                tracks=[track],
            )
        session.flush()
        rows = [*_rows(_scope(profile)), *_rows(Scope(profile, event_id=get_event("over-lunch").id))]

    told = {row["response"]: (row["transcript"], row["recording"], row["recording_length"]) for row in rows}
    heard = (None, None) if profile is Profile.PUBLIC else ("audio", "1:01")
    assert told["As a whole."] == ("Said aloud.", *heard)
    assert told["Ask […] first."] == ("", None, None)


def test_identities_stand_in_the_organisers_file_alone_and_only_if_asked_for(unit: Unit) -> None:
    """P25; of an anonymous response there is nobody (P2)."""
    with unit():
        for profile in (Profile.PUBLIC, Profile.ANALYST):
            assert "sender_email" not in _rows(_scope(profile, with_identities=True))[0]
        rows = _rows(_scope(Profile.ORGANISER, with_identities=True))

    whose = {row["response"]: (row["sender_name"], row["sender_email"]) for row in rows}
    assert whose["Not for you."] == ("Una Said", "una@example.org")
    assert whose["They moved us out."] == (None, None)
    anonymous = [row for row in rows if row["attribution"] == "anonymous"]
    assert {row["known_as"] for row in anonymous} == {None}


def test_a_respondent_is_the_same_in_one_file_and_unknown_in_the_next(unit: Unit) -> None:
    """I11: no value of one file leads to another, nor to a row of the database."""
    with unit() as session:
        first, second = (_rows(_scope(Profile.ANALYST)) for _ in range(2))
        ids = {str(value) for value in session.scalars(select(Submission.id))}
        ids |= {str(value) for value in session.scalars(select(Response.respondent_id))}

    marks = [{row["response_id"]: row["respondent"] for row in rows} for rows in (first, second)]
    assert not set(marks[0].values()) & set(marks[1].values())
    assert not {mark for mark in marks[0].values() if any(id_.replace("-", "").startswith(mark) for id_ in ids)}
    sitting = [row["respondent"] for row in first if row["attribution"] == "named" and row["kind"] == "choice"]
    assert [row["response"] for row in first if row["respondent"] in sitting and row["kind"] == "answer"] == ["=2+5"]


def test_a_consent_that_ends_is_gone_from_the_next_file(unit: Unit, said: str) -> None:
    """P13."""
    with unit():
        [row] = [row for row in _rows(_scope(Profile.PUBLIC)) if row["response"] == "=2+5"]
        none: dict[str, Any] = {"granted": frozenset(), "wordings": every_wording(), "language": "en"}
        change_consents(Owner(code=said), uuid.UUID(row["response_id"]), **none, at=real_clock.now())

        assert "=2+5" not in _words(_rows(_scope(Profile.PUBLIC)))
        [same] = [each for each in _rows(_scope(Profile.ANALYST)) if each["response_id"] == row["response_id"]]
        assert {value for name, value in same.items() if name.startswith("may_")} == {False}


def test_a_file_can_be_about_one_question_one_kind_some_days_or_an_event(unit: Unit) -> None:
    with unit():
        consultation = get_any_consultation("levelling-up")
        scope = _scope(Profile.PUBLIC)
        of_first = _rows(replace(scope, question_id=consultation.questions[0].id))
        choices = _rows(replace(scope, kind=ResponseKind.CHOICE))
        today = real_clock.now().date()
        later = _rows(replace(scope, first_day=today + timedelta(days=1)))
        now = _rows(replace(scope, first_day=today, last_day=today))
        ways = {each: len(_rows(replace(scope, channel=each))) for each in (Channel.WEB, Channel.EVENT, Channel.POST)}
        forms = {each: len(_rows(replace(scope, medium=each))) for each in Medium}
        languages = {each: len(_rows(replace(scope, language=each))) for each in ("en", "cy")}
        of_event = _rows(Scope(Profile.PUBLIC, event_id=get_event("over-lunch").id))

    assert _words(of_first) == ["I came out thinking."]
    assert [row["choices"] for row in choices] == [("Buses", "Other: Ferries")]
    assert (len(later), len(now)) == (0, 4)
    assert ways == {Channel.WEB: 3, Channel.EVENT: 1, Channel.POST: 0}
    assert forms == {Medium.TEXT: 4, Medium.AUDIO: 0, Medium.VIDEO: 0}
    assert languages == {"en": 4, "cy": 0}
    assert sorted(row["response"] for row in of_event) == ["As a whole.", "I came out thinking."]
    assert {row["event"] for row in of_event} == {"over-lunch"}


@pytest.mark.parametrize("profile", Profile)
def test_the_four_formats_say_the_same(unit: Unit, site: Site, profile: Profile) -> None:
    """S9: no cell is a formula; JSON is exact. themefinder finds its two columns."""
    read: dict[FileFormat, list[dict[str, str]]] = {}
    with unit():
        for each in FileFormat:
            file = _file(_scope(profile), each, site)
            data = b"".join(file.pieces())
            read[each] = _read(each, data)
            assert len(read[each]) == file.rows
    formula = {each: [row["response"] for row in rows if "2+5" in row["response"]] for each, rows in read.items()}

    assert set(formula[FileFormat.CSV]) == set(formula[FileFormat.XLSX]) == {"'=2+5"}
    assert set(formula[FileFormat.JSON]) == set(formula[FileFormat.JSON_LINES]) == {"=2+5"}
    ids = [row["response_id"] for row in read[FileFormat.CSV]]
    assert all([row["response_id"] for row in rows] == ids for rows in read.values())
    assert {tuple(rows[0])[:2] for rows in read.values()} == {("response_id", "response")}
    assert {row["exported_at"] for row in read[FileFormat.CSV]} == {real_clock.now().isoformat()}


def _read(file_format: FileFormat, data: bytes) -> list[dict[str, Any]]:
    match file_format:
        case FileFormat.CSV:
            return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))
        case FileFormat.JSON:
            document = json.loads(data)
            assert document["about"] == "consultation levelling-up"
            return list(document["responses"])
        case FileFormat.JSON_LINES:
            return [json.loads(line) for line in data.decode().splitlines()]
        case FileFormat.XLSX:
            sheet = load_workbook(io.BytesIO(data)).active
            assert sheet is not None
            head, *rows = ([cell.value or "" for cell in row] for row in sheet.iter_rows())
            return [dict(zip(head, row, strict=True)) for row in rows]


def test_a_workbook_that_would_not_hold_them_is_refused(
    unit: Unit, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_IN_WORKBOOK", 2)
    with unit(), pytest.raises(WorkbookFullError, match="up to 2 responses, and these are 4"):
        assert _file(_scope(Profile.PUBLIC), FileFormat.XLSX, site).rows


def test_a_long_file_is_read_some_rows_at_a_time(unit: Unit, site: Site) -> None:
    """R33: as many statements for each few hundred rows, whatever their number."""
    with unit() as session:
        [some] = [row for row in session.scalars(select(Response)) if row.body == "As a whole."]
        for _ in range(AT_ONCE + 20):
            session.add(
                Response(
                    submission_id=some.submission_id,
                    respondent_id=some.respondent_id,
                    kind=some.kind,
                    event_id=some.event_id,
                    language="en",
                    body_original="Again.",
                    attribution=some.attribution,
                    display_name=some.display_name,
                    received_on=some.received_on,
                )
            )
        event_id = some.event_id
    statements: list[str] = []
    with unit():
        event.listen(db.engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
        rows = list(export_rows(Scope(Profile.ORGANISER, event_id=event_id), at=real_clock.now()))

    assert len(rows) == AT_ONCE + 22
    assert len(statements) < 8
    assert {len(row) for row in rows} == {len(columns_of(Profile.ORGANISER))}


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("profile", Profile)
def test_each_question_and_each_event_is_read_by_its_index_in_the_order_of_the_file(
    unit: Unit, profile: Profile
) -> None:
    """R33: nothing is sorted, and no question is looked for among the responses of all."""
    with unit():
        scopes = [_scope(profile), Scope(profile, event_id=get_event("over-lunch").id)]
        plans = []
        for scope in scopes:
            statement = select(Response.body).where(scope.part()).order_by(*ORDER).params(about=scope.parts()[0])
            plain = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
            rows = db.session.execute(text(f"EXPLAIN QUERY PLAN {plain}")).all()
            plans.append(" ".join(row[3] for row in rows))

    assert len(plans) == 2
    for plan in plans:
        assert "ix_response_question_id_status" in plan or "ix_response_event_id_status" in plan, plan
        assert "TEMP B-TREE" not in plan
