"""Somebody who is asked to speak answers; the organisers hear of it, once for each change."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.notices import NoticeChoice, choose_notices
from engage.calendars.enums import InviteState, PartStat
from engage.calendars.models import CalendarInvite
from engage.calendars.services import issue_speaker_invite
from engage.events.enums import AppearanceRole, AppearanceStatus
from engage.events.errors import (
    AppearanceNotFoundError,
    EventCancelledError,
    EventOverError,
    NotInLineUpError,
)
from engage.events.models import Appearance, Event
from engage.events.queries import line_up
from engage.events.services import add_speaker
from engage.flows.cancelling import cancel_event
from engage.flows.speaking import LONGEST_WORDS, answer_to_speak, invited_speakers
from engage.kernel.settings import Site
from engage.mail.models import Message
from tests.conftest import SentMail
from tests.factories import make_event, make_person

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ACCEPTED, TENTATIVE, DECLINED = AppearanceStatus.ACCEPTED, AppearanceStatus.TENTATIVE, AppearanceStatus.DECLINED
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@pytest.fixture
def ben(unit: Unit, site: Site) -> UUID:
    """Return the appearance of Ben, who was invited to speak at an event of next week."""
    with unit():
        event = make_event(slug="rivers", title="Rivers")
        ben = add_speaker(
            event.id,
            name="Ben Okafor",
            role_title=None,
            organisation="River Trust",
            role=AppearanceRole.SPEAKER,
            at=NOW,
            actor=None,
        )
        ben.status = AppearanceStatus.INVITED
        issue_speaker_invite(ben.id, event.id, "ben@example.org", site, NOW)
        return ben.id


def answer(
    unit: Unit, site: Site, who: UUID, status: AppearanceStatus, words: str = "", *, at: datetime = LATER
) -> None:
    with unit():
        answer_to_speak(who, status, message=words, site=site, at=at, by="page")


def told(unit: Unit) -> list[tuple[str, str, str]]:
    """Return who heard of which answer, with which words."""
    with unit() as session:
        found = session.scalars(select(Message).where(Message.kind == "speaker_answered").order_by(Message.id))
        return [(each.to_addr, each.facts["answer"], each.facts["words"]) for each in found]


@pytest.mark.parametrize(
    ("status", "part_stat", "shown"),
    [
        (ACCEPTED, PartStat.ACCEPTED, ["Ben Okafor"]),
        (TENTATIVE, PartStat.TENTATIVE, ["Ben Okafor"]),
        (DECLINED, PartStat.DECLINED, []),
    ],
)
def test_an_answer_is_kept_with_its_words_and_whoever_declines_is_not_shown(
    unit: Unit, site: Site, ben: UUID, status: AppearanceStatus, part_stat: PartStat, shown: list[str]
) -> None:
    """S23: who declined stands in no public line-up."""
    answer(unit, site, ben, status, "  See\r\nyou.\x00 ")
    with unit() as session:
        found = session.get_one(Appearance, ben)
        assert (found.status, found.message, found.answered_at) == (status, "See\nyou.", LATER)
        assert session.scalars(select(CalendarInvite)).one().partstat is part_stat
        assert [each.name for each in line_up(found.event_id)] == shown
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "speaker:appearance:answer")).one()
        assert entry.object == f"appearance:{ben}"
        assert (entry.before, entry.after) == ({"status": "invited"}, {"status": status, "by": "page"})


def test_the_contact_address_hears_of_an_answer_when_no_organiser_chose_to(
    unit: Unit, site: Site, ben: UUID, worker: Callable[..., int], outbox: Outbox
) -> None:
    answer(unit, site, ben, DECLINED, "I am away.\nSorry.")
    worker(LATER)
    sent = outbox()[-1]
    assert (sent.kind, sent.to, sent.state) == ("speaker_answered", site.contact_email, "sent")
    assert sent.mail is not None
    assert sent.mail["Subject"].startswith("Ben Okafor cannot speak: Rivers, ")
    text = sent.mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "\n\n> I am away.\n> Sorry.\n\n" in text
    assert f"{site.base_url}/organise/events/rivers/speakers" in text
    assert [part.get_content_type() for part in sent.mail.walk()].count("text/calendar") == 0


def test_those_organisers_hear_who_are_told_of_the_event(unit: Unit, site: Site, ben: UUID) -> None:
    """S45: nobody hears of it who is an organiser no more."""
    with unit() as session:
        event_id = session.get_one(Appearance, ben).event_id
        other = make_event(slug="other").id
        people = {name: make_person(f"{name}@example.org", role, name=name) for name, role in ROLES.items()}
        for name, person in people.items():
            choose_notices(
                other if name == "elsewhere" else event_id,
                NoticeChoice(when_full=name != "silent", digest=False),
                person_id=person.id,
                at=NOW,
            )
        people["gone"].disabled_at = NOW
    answer(unit, site, ben, ACCEPTED)
    assert told(unit) == [("asha@example.org", "accepted", "")]


ROLES = {
    "asha": "organiser",
    "silent": "organiser",
    "elsewhere": "organiser",
    "gone": "organiser",
    "member": "member",
}


def test_each_change_of_an_answer_is_told_once(unit: Unit, site: Site, ben: UUID) -> None:
    """R8: the same answer again, from the page or from a calendar, changes nothing."""
    contact = site.contact_email
    answers = (
        (ACCEPTED, "Gladly."),
        (ACCEPTED, "Gladly."),
        (ACCEPTED, ""),  # a calendar says the same without words: those said before stay
        (ACCEPTED, "Gladly, with slides."),
        (DECLINED, ""),
        (DECLINED, ""),
        (ACCEPTED, ""),
    )
    for hours, (status, words) in enumerate(answers):
        answer(unit, site, ben, status, words, at=LATER + timedelta(hours=12 * hours))
    assert told(unit) == [
        (contact, "accepted", "Gladly."),
        (contact, "accepted", "Gladly, with slides."),
        (contact, "declined", ""),
        (contact, "accepted", ""),
    ]


def test_an_organiser_hears_of_three_answers_of_a_speaker_a_day_and_the_last_one_counts(
    unit: Unit, site: Site, ben: UUID
) -> None:
    for number in range(5):
        answer(unit, site, ben, ACCEPTED, f"Version {number}")
    answer(unit, site, ben, DECLINED)
    assert len(told(unit)) == 3
    with unit() as session:
        assert session.get_one(Appearance, ben).status is DECLINED
    answer(unit, site, ben, ACCEPTED, at=LATER + timedelta(days=1))
    assert len(told(unit)) == 4


def test_words_are_cut_where_they_are_too_long(unit: Unit, site: Site, ben: UUID) -> None:
    answer(unit, site, ben, DECLINED, "x" * (LONGEST_WORDS + 1))
    with unit() as session:
        assert session.get_one(Appearance, ben).message == "x" * LONGEST_WORDS


def test_nobody_answers_who_was_not_asked_or_is_out_of_the_line_up(unit: Unit, site: Site, ben: UUID) -> None:
    for status, refusal in (
        (AppearanceStatus.DRAFT, AppearanceNotFoundError),
        (AppearanceStatus.WITHDRAWN, NotInLineUpError),
    ):
        with unit() as session:
            session.get_one(Appearance, ben).status = status
        with pytest.raises(refusal):
            answer(unit, site, ben, ACCEPTED)
    with pytest.raises(AppearanceNotFoundError):
        answer(unit, site, uuid4(), ACCEPTED)
    with pytest.raises(ValueError, match="not an answer"):
        answer(unit, site, ben, AppearanceStatus.WITHDRAWN)
    assert told(unit) == []


def test_an_answer_comes_too_late_once_the_event_is_over_or_cancelled(unit: Unit, site: Site, ben: UUID) -> None:
    with unit() as session:
        event = session.scalars(select(Event)).one()
        event_id, over = event.id, event.ends_at
    with pytest.raises(EventOverError):
        answer(unit, site, ben, ACCEPTED, at=over)
    with unit():
        cancel_event(event_id, reason="Ill.", site=site, at=NOW, actor=None)
    with pytest.raises(EventCancelledError):
        answer(unit, site, ben, ACCEPTED)
    assert told(unit) == []


def test_whoever_declined_hears_of_no_changes_but_of_the_end(unit: Unit, site: Site, ben: UUID) -> None:
    with unit() as session:
        event_id = session.get_one(Appearance, ben).event_id
        [invited] = invited_speakers(event_id)
        recipient = invited.recipient
        assert (recipient.name, recipient.email, recipient.about) == (
            "Ben Okafor",
            "ben@example.org",
            ("appearance", ben),
        )
    answer(unit, site, ben, DECLINED)
    with unit():
        assert invited_speakers(event_id) == []
        [invited] = invited_speakers(event_id, among=[DECLINED])
        assert invited.appearance.id == ben
    with unit() as session:
        session.scalars(select(CalendarInvite)).one().state = InviteState.CANCELLED
    with unit():
        assert invited_speakers(event_id, among=[DECLINED]) == []
