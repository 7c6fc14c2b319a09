"""Organisers and speakers who act in one moment: nobody is asked, told or taken out twice."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.calendars.answers import MOST_A_DAY
from engage.calendars.models import CalendarInvite
from engage.events.enums import AppearanceRole, AppearanceStatus
from engage.events.errors import AppearanceNotFoundError, SpeakerListedError
from engage.events.models import Appearance, Event
from engage.flows.line_up import SpeakerDetails, add_to_line_up, put_back, take_out
from engage.flows.publishing import publish_event
from engage.flows.speaking import answer_to_speak
from engage.kernel.errors import EngageError, UnavailableError
from engage.kernel.settings import Site
from engage.mail.models import Message
from tests.factories import make_event, make_speaker

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
AT_ONCE = 5
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def all_at_once(unit: Unit, acts: list[Callable[[], object]]) -> list[type[EngageError] | None]:
    """Do everything in one moment, each in a transaction of its own; return who was refused, and by what."""

    def do(act: Callable[[], object]) -> type[EngageError] | None:
        for _ in range(100):
            try:
                with unit():
                    act()
            except UnavailableError:  # the database was busy: they try again
                continue
            except EngageError as error:
                return type(error)
            return None
        raise AssertionError("somebody was never served")

    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(do, acts))


def kinds(unit: Unit) -> list[str]:
    with unit() as session:
        return [kind.value for kind in session.scalars(select(Message.kind).order_by(Message.id))]


def test_organisers_who_add_one_person_at_once_invite_them_once(unit: Unit, site: Site) -> None:
    with unit():
        event_id = make_event().id
    ben = SpeakerDetails("Ben Okafor", AppearanceRole.SPEAKER, email="ben@example.org")

    refused = all_at_once(
        unit, [lambda: add_to_line_up(event_id, ben, site=site, at=NOW, actor=None) for _ in range(AT_ONCE)]
    )

    assert sorted(map(str, refused)) == sorted(map(str, [None, *[SpeakerListedError] * (AT_ONCE - 1)]))
    assert kinds(unit) == ["speaker_invited"]


def test_organisers_who_take_out_one_person_at_once_tell_them_once(unit: Unit, site: Site) -> None:
    """I7: each SEQUENCE is given once."""
    with unit():
        event = make_event()
        event_id, ben = event.id, make_speaker(event).id

    refused = all_at_once(
        unit, [lambda: take_out(event_id, ben, site=site, at=NOW, actor=None) for _ in range(AT_ONCE)]
    )

    assert sorted(map(str, refused)) == sorted(map(str, [None, *[AppearanceNotFoundError] * (AT_ONCE - 1)]))
    assert kinds(unit) == ["speaker_invited", "speaker_removed"]
    assert (
        all_at_once(unit, [lambda: put_back(event_id, ben, site=site, at=NOW, actor=None) for _ in range(AT_ONCE)])
        == [None] * AT_ONCE
    )
    assert kinds(unit)[2:] == ["speaker_invited"]
    with unit() as session:
        sequences = session.scalars(select(CalendarInvite.sequence).order_by(CalendarInvite.sequence)).all()
        assert sequences == [0, 1]


def test_publishing_and_adding_at_once_asks_everybody_once(unit: Unit, site: Site) -> None:
    with unit():
        event = make_event(published=False)
        event_id = event.id
        make_speaker(event)
    ada = SpeakerDetails("Ada", AppearanceRole.SPEAKER, email="ada@example.org")

    all_at_once(
        unit,
        [
            *[lambda: publish_event(event_id, site=site, at=NOW, actor=None)] * 3,
            lambda: add_to_line_up(event_id, ada, site=site, at=NOW, actor=None),
        ],
    )

    with unit() as session:
        asked = session.scalars(select(Message.to_addr).where(Message.kind == "speaker_invited")).all()
        assert sorted(asked) == ["ada@example.org", "ben@example.org"]
        assert session.get_one(Event, event_id).published_at is not None


def test_answers_at_once_are_told_once_for_each_change_and_the_last_one_stays(unit: Unit, site: Site) -> None:
    """R8: the same answer from the page and from a calendar in one moment is one answer."""
    with unit():
        ben = make_speaker(make_event()).id

    def say(status: AppearanceStatus) -> Callable[[], object]:
        return lambda: answer_to_speak(ben, status, message="", site=site, at=NOW, by="page")

    assert all_at_once(unit, [say(AppearanceStatus.ACCEPTED)] * AT_ONCE) == [None] * AT_ONCE
    assert _told(unit, ben) == ["accepted"]
    all_at_once(unit, [say(AppearanceStatus.DECLINED), say(AppearanceStatus.ACCEPTED)] * 3)
    told = _told(unit, ben)
    assert all(one != other for one, other in itertools.pairwise(told)), "the same was told twice"


def _told(unit: Unit, appearance_id: UUID) -> list[str]:
    """Return the answers that organisers heard of: each that was noted, up to those of a day; the last one holds."""
    with unit() as session:
        mails = session.scalars(select(Message.facts).where(Message.kind == "speaker_answered").order_by(Message.id))
        told = [facts["answer"] for facts in mails]
        acts = select(func.count(AuditEntry.id)).where(AuditEntry.act == "speaker:appearance:answer")
        noted = session.scalar(acts) or 0
        assert len(told) == min(noted, MOST_A_DAY)
        last = "accepted" if noted % 2 else "declined"  # they take turns, and "accepted" was the first
        assert session.get_one(Appearance, appearance_id).status.value == last
        return told
