"""A stored page is the page: whatever changes in the database, the store shows it at once."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from sqlalchemy import Boolean, Column, Enum, Integer, String, Table, Text, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.bookings.enums import BookingQuestionKind
from engage.bookings.models import BookingQuestion
from engage.consultations.models import Consultation, Question
from engage.edge.page_store import EXTENSION, PageStore
from engage.events.enums import AccessKind
from engage.events.models import AccessProvision, Appearance, Event, EventQuestion, PlaceGroup
from engage.flows import page_versions
from engage.kernel.db import Base, UTCDateTime, table_of
from engage.kernel.versions import VersionQuery
from engage.responses.enums import (
    Attribution,
    IdentityBasis,
    ModerationAction,
    ReasonCode,
    RespondentKind,
    ResponseKind,
    Vote,
)
from engage.responses.models import Reaction, Respondent, Response, ResponseVersion, Submission
from engage.responses.services import Naming, Sender
from engage.responses.services.asking import ask_speakers
from engage.responses.services.moderating import Verdict, decide_and_tell
from engage.speakers.models import Speaker
from tests.patrols.walking import Keeper
from tests.queries import statements_sent
from tests.stage import Stage, Unit

PAGES = tuple(
    f"/events/{name}-event/{page}"
    for name in ("coming", "past", "cancelled", "full")
    for page in ("", "book", "booked?result=place", "booked?result=waiting")
)
SHOWN = (
    *(Event, Appearance, Speaker, EventQuestion, Question, Consultation, Response),
    *(AccessProvision, BookingQuestion, PlaceGroup),
    *(Submission, ResponseVersion, Reaction),
)
# The consent of what is published stands (I12): the status of the response says it.
DECIDED_OTHERWISE = {"consent"}


def test_no_page_shows_what_its_version_does_not_ask_for(stage: Stage) -> None:
    asked = {table for query in _queries() for table in _tables(query.sql)}
    for path in PAGES:
        with statements_sent() as sent:
            stage.client().get(_fresh(path))

        read = {table for statement in sent for table in _tables(statement)} - DECIDED_OTHERWISE

        assert read <= asked, f"{path} reads {read - asked}: put it into engage/flows/page_versions.py"


def test_whatever_changes_in_a_row_stored_pages_follow_at_once(stage: Stage, unit: Unit, keeper: Keeper) -> None:
    _fill_what_the_stage_leaves_empty(stage, unit)
    client = stage.client()
    store: PageStore = stage.app.extensions[EXTENSION]
    keeper.keep()
    tried = 0
    for model in SHOWN:
        table = table_of(model)
        for column in table.columns:
            if column.primary_key or column.foreign_keys:
                continue
            for path in PAGES:
                client.get(path)
            with suppress(IntegrityError, StatementError):  # a CHECK or UNIQUE takes no such value
                with unit() as session:
                    _change(session, table, column)
                tried += 1
            for path in PAGES:
                stored, fresh = client.get(path), client.get(_fresh(path))
                assert stored.status_code == fresh.status_code, (column, path)
                assert _without_keys(stored.text) == _without_keys(fresh.text), f"{path} hides a change of {column}"
            keeper.restore()
    assert tried > 40
    assert store.pages


def test_between_two_moments_of_a_page_the_clock_changes_nothing(
    stage: Stage, unit: Unit, clock: time_machine.Traveller
) -> None:
    with unit() as session:
        for event in session.scalars(select(Event)):
            event.members_only_until = event.starts_at - timedelta(days=2)
    client = stage.client()
    store: PageStore = stage.app.extensions[EXTENSION]
    now = datetime.now(UTC)
    end = now + timedelta(days=80)
    while now < end:
        clock.move_to(now)
        store.clear()
        shown = {path: client.get(path).text for path in PAGES}
        until = min(page.until for page in store.pages.values())

        clock.move_to(until - timedelta(seconds=1))

        for path in PAGES:
            assert _without_keys(client.get(_fresh(path)).text) == _without_keys(shown[path]), (path, now, until)
        now = until


def _queries() -> Iterator[VersionQuery]:
    yield from (value for value in vars(page_versions).values() if isinstance(value, VersionQuery))


def _tables(statement: str) -> set[str]:
    return {name for name in Base.metadata.tables if re.search(rf"(?:FROM|JOIN|,)\s+{name}\b(?!\.)", statement)}


def _fresh(path: str) -> str:
    """Return an address of the same page that the store has no part in."""
    return path + ("&" if "?" in path else "?") + "fresh=1"


def _without_keys(text: str) -> str:
    return re.sub(r'(name="submission_key"[^>]*value=)"[^"]*"', r"\1", text)


def _change(session: Session, table: Table, column: Column[Any]) -> None:
    """Give every row another value in a column."""
    keys = list(table.primary_key.columns)
    for row in session.execute(select(*keys, column)).all():
        where = [key == value for key, value in zip(keys, row, strict=False)]
        session.execute(table.update().where(*where).values({column: _other(column, row[-1])}))


def _other(column: Column[Any], value: Any) -> Any:
    kind = column.type
    if isinstance(kind, Enum) and kind.enum_class is not None:
        others = [each for each in kind.enum_class if each != value]
        return others[0]
    if isinstance(kind, Boolean):
        return not value
    if isinstance(kind, Integer):
        return (value or 0) + 1
    if isinstance(kind, String | Text):
        return f"{value or ''}x"[-(kind.length or 10_000) :]
    if isinstance(kind, UTCDateTime):
        return (value or datetime.now(UTC)) + timedelta(days=1)
    if isinstance(value, list):
        return [*value, "One more"]
    return value


def _fill_what_the_stage_leaves_empty(stage: Stage, unit: Unit) -> None:
    with unit() as session:
        at = datetime.now(UTC)
        for name in ("coming", "past", "cancelled", "full"):
            session.add(
                AccessProvision(event_id=stage.ids[name], kind=next(iter(AccessKind)), note="By ear", created_at=at)
            )
            session.add(
                BookingQuestion(
                    event_id=stage.ids[name],
                    position=0,
                    kind=next(iter(BookingQuestionKind)),
                    text="What do you eat?",
                    options=["Bread", "Soup"],
                )
            )
        _ask_the_speakers(stage, session)


def _ask_the_speakers(stage: Stage, session: Session) -> None:
    """Ask two questions at an event to come; one of them is shown in part and somebody votes for it."""
    site, at = stage.app.extensions["engage"].site(), datetime.now(UTC)
    sender = Sender(IdentityBasis.GUEST, name="Nia", email="nia@example.org")
    for body in ("Who keeps the measure of my street?", "Who pays?"):
        how: dict[str, Any] = {"key": body, "language": "en", "site": site, "at": at, "may_show": True}
        ask_speakers(stage.ids["coming"], body=body, sender=sender, naming=Naming(Attribution.NAMED, "Nia"), **how)
    moderator = session.scalars(select(Person.id)).first()
    assert moderator is not None
    for question in session.scalars(select(Response).where(Response.kind == ResponseKind.LIVE_QUESTION)):
        left = question.body.replace("of my street", "[…]")
        redact = Verdict(ModerationAction.REDACT, ReasonCode.OTHER, body=left)
        verdict = redact if left != question.body else Verdict(ModerationAction.PUBLISH)
        decide_and_tell(question.id, verdict, moderator=moderator, site=site, at=at)
        question.answered_at_s = 75
        voter = Respondent(kind=RespondentKind.INDIVIDUAL, identity_basis=IdentityBasis.BOOKING)
        session.add(voter)
        session.flush()
        session.add(Reaction(response_id=question.id, respondent_id=voter.id, value=Vote.UP, at=at))
