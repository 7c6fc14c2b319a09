"""Many change, tell and cancel in one moment: each SEQUENCE is given once, and everybody ends up knowing the truth."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking
from engage.bookings.services import cancel_booking
from engage.calendars.models import CalendarInvite
from engage.events.errors import StaleEventError
from engage.events.models import Event
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.flows.telling import Told, tell_changes
from engage.kernel.errors import UnavailableError
from engage.kernel.settings import Site
from engage.mail.models import Message
from tests.factories import details_of, make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
PEOPLE, LEAVING, EDITORS, EDITS = 8, 3, 4, 4
pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize("collect", [0, 120])
def test_editors_workers_and_attendees_at_once_give_every_sequence_once(collect: int, unit: Unit, app: Flask) -> None:
    site = replace(app.extensions["engage"].site(), calendar_collect_seconds=collect)
    with unit():
        event = make_event(starts_at=datetime(2026, 9, 8, 9, tzinfo=UTC))
        event_id = event.id
        bookings = [make_booking(event, f"p{number}@example.org", site=site).id for number in range(PEOPLE)]

    def edit(editor: int) -> None:
        for number in range(EDITS):
            _until_it_works(lambda number=number: _edit(unit, event_id, site, editor, number))

    def work(_: int) -> None:
        for _turn in range(EDITS):
            _until_it_works(lambda: _tell(unit, event_id, site))

    def leave(booking_id: uuid.UUID) -> None:
        _until_it_works(lambda: _leave(unit, booking_id, site))

    with ThreadPoolExecutor(EDITORS + 2 + LEAVING) as crowd:
        acts = [
            *(crowd.submit(edit, editor) for editor in range(EDITORS)),
            *(crowd.submit(work, worker) for worker in range(2)),
            *(crowd.submit(leave, booking_id) for booking_id in bookings[:LEAVING]),
        ]
        for act in acts:
            act.result()
    with unit():
        tell_changes(event_id, after=None, site=site, at=NOW)

    with unit() as session:
        assert [line for invariant in INVARIANTS.values() for line in invariant()] == []
        now = Told.now(session.get_one(Event, event_id))
        given: dict[str, list[int]] = defaultdict(list)
        last: dict[str, Told] = {}
        for facts in session.scalars(select(Message.facts).order_by(Message.id)):
            uid, said = facts["calendar"]["uid"], Told.by(facts)
            given[uid].append(facts["calendar"]["sequence"])
            assert facts["calendar"]["method"] == "CANCEL" or last.get(uid) != said, "told what they knew"
            last[uid] = said
        invites = session.scalars(select(CalendarInvite)).all()
        assert {invite.uid: list(range(invite.sequence + 1)) for invite in invites} == given
        assert {last[invite.uid] for invite in invites if invite.state.value == "live"} == {now}
        assert len({facts.title for facts in session.scalars(select(Event))}) == 1
        assert len(session.scalars(select(Booking).where(Booking.cancelled_at.is_not(None))).all()) == LEAVING
        assert max(invite.sequence for invite in invites) > 1, "they did meet"


def _edit(unit: Unit, event_id: uuid.UUID, site: Site, editor: int, number: int) -> None:
    with unit() as session:
        event = session.get_one(Event, event_id)
        new = {"title": f"Views {editor}.{number}"} if number % 2 else {"start": time(9, editor * 10 + number)}
        details = replace(details_of(event), **new)
        change_event(event_id, details, version=event.version, site=site, at=NOW, actor=None)


def _tell(unit: Unit, event_id: uuid.UUID, site: Site) -> None:
    with unit():
        tell_changes(event_id, after=None, site=site, at=NOW)


def _leave(unit: Unit, booking_id: uuid.UUID, site: Site) -> None:
    with unit():
        cancel_booking(booking_id, site=site, at=NOW)


def _until_it_works(act: Callable[[], None]) -> None:
    """Do something as its person would, who looks again when somebody else was quicker."""
    for _ in range(200):
        try:
            return act()
        except (StaleEventError, UnavailableError):
            continue
    raise AssertionError("somebody was never served")
