"""Guest speakers are invited, told, and taken out; as the mails and calendar entries that reach them."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.events.appearances import slots_of
from engage.events.enums import AppearanceRole, AppearanceStatus
from engage.events.errors import (
    AppearanceNotFoundError,
    EventCancelledError,
    EventOverError,
    SpeakerAddressError,
    SpeakerAddressMissingError,
    SpeakerAskedOftenError,
    SpeakerDeclinedError,
    SpeakerListedError,
    SpeakerNotAskedError,
    SpeakerOutError,
)
from engage.events.models import Appearance, Event
from engage.events.queries import line_up
from engage.events.services import move_speaker
from engage.flows.cancelling import cancel_event
from engage.flows.line_up import (
    SpeakerDetails,
    change_in_line_up,
    invite_again,
    invite_now,
    put_back,
    take_out,
)
from engage.flows.publishing import publish_event
from engage.flows.rescheduling import change_event
from engage.flows.speaking import answer_to_speak
from engage.kernel.settings import Site
from engage.speakers.models import Speaker
from tests.conftest import SentMail
from tests.factories import details_of, make_event, make_speaker

Unit = Callable[[], AbstractContextManager[Session]]
Worker = Callable[..., int]
Outbox = Callable[[], list[SentMail]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
WHO: dict[str, Any] = {"at": LATER, "actor": None}
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@pytest.fixture
def rivers(unit: Unit) -> UUID:
    """Return an event of next week that is published, with nobody in its line-up."""
    with unit():
        return make_event(slug="rivers", title="Rivers").id


@pytest.fixture
def ben(unit: Unit, rivers: UUID) -> UUID:
    """Return the appearance of Ben, who was invited as he was added."""
    with unit() as session:
        return make_speaker(session.get_one(Event, rivers)).id


@pytest.fixture
def draft(unit: Unit) -> UUID:
    """Return the appearance of Ben at an event that is not published."""
    with unit():
        return make_speaker(make_event(slug="draft", title="Rivers", published=False)).id


def details(email: str | None = "ben@example.org", **more: Any) -> SpeakerDetails:
    given = {"name": "Ben Okafor", "role": AppearanceRole.SPEAKER, "organisation": "River Trust", "email": email}
    return SpeakerDetails(**{**given, **more})


def entry(sent: SentMail) -> Any:
    """Return the VEVENT of a mail's calendar part."""
    assert sent.mail is not None
    part = next(part for part in sent.mail.walk() if part.get_content_type() == "text/calendar")
    return Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]


def text_of(sent: SentMail) -> str:
    """Return the plain text of a mail, its lines joined."""
    assert sent.mail is not None
    return " ".join(sent.mail.get_body(("plain",)).get_content().split())


def line(sent: SentMail) -> tuple[str, str, str, int, str]:
    """Return what matters of a mail to a speaker: its kind, to whom, METHOD, SEQUENCE, STATUS."""
    assert sent.mail is not None
    part = next(part for part in sent.mail.walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    event = calendar.walk("VEVENT")[0]
    return sent.kind, sent.to, str(calendar["METHOD"]), int(event["SEQUENCE"]), str(event["STATUS"])


def mails(worker: Worker, outbox: Outbox) -> list[SentMail]:
    """Send what waits, and return the mails to speakers."""
    worker(NOW + timedelta(days=1))
    return [each for each in outbox() if each.kind != "speaker_answered"]


def status_of(unit: Unit, appearance_id: UUID) -> AppearanceStatus:
    with unit() as session:
        return session.get_one(Appearance, appearance_id).status


def test_whoever_is_added_to_a_published_event_is_invited_at_once(
    unit: Unit, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    """RFC 5546 3.2.2: one attendee, an alarm half an hour before, their own pages in it."""
    [sent] = mails(worker, outbox)
    assert line(sent) == ("speaker_invited", "ben@example.org", "REQUEST", 0, "CONFIRMED")
    event = entry(sent)
    assert str(event["ATTENDEE"]) == "mailto:ben@example.org"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert [str(alarm["TRIGGER"].to_ical(), "ascii") for alarm in event.walk("VALARM")] == ["-PT30M"]
    assert f"{site.base_url}/speaker/" in str(event["DESCRIPTION"])
    assert str(event["LOCATION"]).endswith("/join")
    assert sent.mail is not None
    assert sent.mail["Subject"].startswith("Invitation to speak: Rivers, ")
    assert sent.mail["List-Unsubscribe"] is None
    assert status_of(unit, ben) is AppearanceStatus.INVITED


def test_publishing_invites_those_who_have_an_address_and_nobody_else(
    unit: Unit, draft: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit() as session:
        event = session.get_one(Event, session.get_one(Appearance, draft).event_id)
        event_id, ada = event.id, make_speaker(event, "Ada", None).id
    assert mails(worker, outbox) == []
    for _ in range(2):
        with unit():
            publish_event(event_id, site=site, **WHO)
    assert [line(each) for each in mails(worker, outbox)] == [
        ("speaker_invited", "ben@example.org", "REQUEST", 0, "CONFIRMED")
    ]
    assert (status_of(unit, draft), status_of(unit, ada)) == (AppearanceStatus.INVITED, AppearanceStatus.DRAFT)


def test_who_is_invited_before_the_event_is_published_has_a_tentative_entry_until_it_is(
    unit: Unit, draft: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    for _ in range(2):  # pressed twice, sent once
        with unit():
            invite_now(draft, site=site, **WHO)
    [sent] = mails(worker, outbox)
    assert line(sent) == ("speaker_invited", "ben@example.org", "REQUEST", 0, "TENTATIVE")
    assert "URL" not in entry(sent)
    assert sent.mail is not None
    text = sent.mail.get_body(("plain",)).get_content()
    assert "It is not published yet" in text
    assert "/events/draft/" not in text
    with unit():
        answer_to_speak(draft, AppearanceStatus.ACCEPTED, message="", site=site, at=LATER, by="page")
    with unit() as session:
        publish_event(session.get_one(Appearance, draft).event_id, site=site, **WHO)
    first, second = mails(worker, outbox)
    assert line(second) == ("speaker_invited", "ben@example.org", "REQUEST", 1, "CONFIRMED")
    assert entry(first)["UID"] == entry(second)["UID"]
    assert entry(second)["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert second.mail is not None
    assert second.mail["Subject"].startswith("Confirmed: Rivers, ")
    assert "Your answer, yes, stands. You can change it here." in text_of(second)
    assert "You can accept, say" not in text_of(second)
    assert "You can accept, say" in text_of(first)
    assert status_of(unit, draft) is AppearanceStatus.ACCEPTED


def test_an_acceptance_of_another_time_counts_no_more_when_the_event_is_published(
    unit: Unit, draft: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit():
        invite_now(draft, site=site, **WHO)
    with unit():
        answer_to_speak(draft, AppearanceStatus.ACCEPTED, message="Gladly.", site=site, at=LATER, by="page")
    with unit() as session:
        event = session.get_one(Event, session.get_one(Appearance, draft).event_id)
        moved = details_of(event, starts_at=event.starts_at + timedelta(days=1))
        change_event(event.id, moved, version=event.version, site=site, **WHO)
        publish_event(event.id, site=site, **WHO)
    sent = mails(worker, outbox)[-1]
    assert line(sent) == ("speaker_invited", "ben@example.org", "REQUEST", 1, "CONFIRMED")
    assert entry(sent)["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert status_of(unit, draft) is AppearanceStatus.INVITED


def test_who_is_taken_out_is_told_and_stays_known_to_organisers(
    unit: Unit, rivers: UUID, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit():
        take_out(rivers, ben, site=site, **WHO)
    with unit(), pytest.raises(AppearanceNotFoundError):
        take_out(rivers, ben, site=site, **WHO)
    first, second = mails(worker, outbox)
    assert line(second) == ("speaker_removed", "ben@example.org", "CANCEL", 1, "CANCELLED")
    assert entry(first)["UID"] == entry(second)["UID"]
    assert second.mail is not None
    assert second.mail["Subject"].startswith("No longer in the line-up: Rivers, ")
    assert second.mail["In-Reply-To"] == first.mail["Message-ID"] if first.mail else False
    with unit():
        assert line_up(rivers) == []
        [slot] = slots_of(rivers)
        assert (slot.speaker.name, slot.appearance.status) == ("Ben Okafor", AppearanceStatus.WITHDRAWN)


def test_who_is_put_back_is_asked_anew_under_another_uid(
    unit: Unit, rivers: UUID, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit() as session:
        old_nonce = session.get_one(Appearance, ben).nonce
        take_out(rivers, ben, site=site, **WHO)
    with unit():
        put_back(rivers, ben, site=site, **WHO)
    with unit():
        put_back(rivers, ben, site=site, **WHO)  # pressed twice
    assert [line(each) for each in mails(worker, outbox)] == [
        ("speaker_invited", "ben@example.org", "REQUEST", 0, "CONFIRMED"),
        ("speaker_removed", "ben@example.org", "CANCEL", 1, "CANCELLED"),
        ("speaker_invited", "ben@example.org", "REQUEST", 0, "CONFIRMED"),
    ]
    uids = [str(entry(each)["UID"]) for each in mails(worker, outbox)]
    assert uids[0] == uids[1] != uids[2]
    with unit() as session:
        found = session.get_one(Appearance, ben)
        assert (found.status, found.nonce != old_nonce) == (AppearanceStatus.INVITED, True)
        take_out(rivers, ben, site=site, **WHO)
    with unit() as session:
        again = make_speaker(session.get_one(Event, rivers))  # written down once more instead
        assert again.id == ben


def test_another_address_ends_the_old_invitation_and_asks_anew(
    unit: Unit, rivers: UUID, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    """What was answered at the old address counts no more, and its link opens nothing."""
    with unit() as session:
        old_nonce = session.get_one(Appearance, ben).nonce
        answer_to_speak(ben, AppearanceStatus.ACCEPTED, message="Gladly.", site=site, at=LATER, by="page")
    with unit():
        changed = change_in_line_up(rivers, ben, details("okafor@example.net"), site=site, **WHO)
        assert changed == {"email"}
    first, second, third = mails(worker, outbox)
    assert line(second) == ("speaker_removed", "ben@example.org", "CANCEL", 1, "CANCELLED")
    assert line(third) == ("speaker_invited", "okafor@example.net", "REQUEST", 0, "CONFIRMED")
    assert entry(first)["UID"] == entry(second)["UID"] != entry(third)["UID"]
    assert second.mail is not None
    assert "okafor@example.net" not in second.mail.as_string()
    assert second.mail["Subject"].startswith("Invitation ended: ")
    with unit() as session:
        found = session.get_one(Appearance, ben)
        assert (found.status, found.message, found.nonce != old_nonce) == (AppearanceStatus.INVITED, None, True)
        assert [each.email for each in session.scalars(select(Speaker))] == ["okafor@example.net"]


def test_an_address_that_is_taken_away_ends_the_invitation(
    unit: Unit, rivers: UUID, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit():
        change_in_line_up(rivers, ben, details(None), site=site, **WHO)
    assert [line(each)[:3] for each in mails(worker, outbox)] == [
        ("speaker_invited", "ben@example.org", "REQUEST"),
        ("speaker_removed", "ben@example.org", "CANCEL"),
    ]
    assert status_of(unit, ben) is AppearanceStatus.DRAFT
    with unit():
        assert [each.name for each in line_up(rivers)] == ["Ben Okafor"]
    with unit():
        change_in_line_up(rivers, ben, details("ben@example.org"), site=site, **WHO)
    assert line(mails(worker, outbox)[-1])[:4] == ("speaker_invited", "ben@example.org", "REQUEST", 0)


def test_another_name_changes_this_line_up_alone_and_writes_to_nobody(
    unit: Unit, rivers: UUID, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit():
        other = make_event(slug="other", published=False)
        other_id = other.id
        make_speaker(other)
    with unit():
        changed = change_in_line_up(rivers, ben, details(name="Ben Okri", role_title="Poet"), site=site, **WHO)
        assert changed == {"name", "role_title"}
    assert len(mails(worker, outbox)) == 1
    with unit() as session:
        assert [each.name for each in line_up(rivers)] == ["Ben Okri"]
        assert [each.name for each in line_up(other_id)] == ["Ben Okafor"]
        entries = select(AuditEntry.after).where(AuditEntry.act == "organiser:event:change-speaker")
        assert session.scalars(entries).all() == [{"changed": ["name", "role_title"]}] * 2


def test_nobody_is_made_into_somebody_who_is_listed_or_was_taken_out(
    unit: Unit, rivers: UUID, ben: UUID, site: Site
) -> None:
    with unit() as session:
        ada = make_speaker(session.get_one(Event, rivers), "Ada", "ada@example.org").id
    with unit(), pytest.raises(SpeakerListedError):
        change_in_line_up(rivers, ada, details(), site=site, **WHO)
    with unit():
        take_out(rivers, ben, site=site, **WHO)
    with unit(), pytest.raises(SpeakerOutError):
        change_in_line_up(rivers, ada, details(), site=site, **WHO)
    with unit(), pytest.raises(AppearanceNotFoundError):
        change_in_line_up(rivers, ben, details(name="B"), site=site, **WHO)


@pytest.mark.parametrize("address", ["ben", "ben@", "a@b@c.org", "ben@example.org, ada@example.org", "ben @x.org"])
def test_what_is_no_address_is_refused(unit: Unit, rivers: UUID, ben: UUID, site: Site, address: str) -> None:
    """S7: one strict check of addresses."""
    with unit(), pytest.raises(SpeakerAddressError):
        change_in_line_up(rivers, ben, details(address), site=site, **WHO)


def test_an_invitation_is_sent_again_as_it_is_now_three_times_a_day(
    unit: Unit, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    """S31; the same UID and SEQUENCE under a Message-ID of its own."""
    for _ in range(2):
        with unit():
            invite_again(ben, site=site, **WHO)
    with unit(), pytest.raises(SpeakerAskedOftenError):
        invite_again(ben, site=site, **WHO)
    sent = mails(worker, outbox)
    assert {line(each) for each in sent} == {("speaker_invited", "ben@example.org", "REQUEST", 0, "CONFIRMED")}
    assert len({entry(each)["UID"] for each in sent}) == 1
    assert len({each.mail["Message-ID"] for each in sent if each.mail}) == 3


def test_what_waits_to_be_told_goes_along_with_an_invitation_that_is_sent_again(
    unit: Unit, draft: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    """RFC 5546 2.1.4: another time has another SEQUENCE."""
    with unit():
        invite_now(draft, site=site, **WHO)
    with unit() as session:
        event = session.get_one(Event, session.get_one(Appearance, draft).event_id)
        moved = details_of(event, starts_at=event.starts_at + timedelta(days=1))
        change_event(event.id, moved, version=event.version, site=site, **WHO)
    with unit():
        invite_again(draft, site=site, **WHO)
    assert [line(each) for each in mails(worker, outbox)] == [
        ("speaker_invited", "ben@example.org", "REQUEST", 0, "TENTATIVE"),
        ("speaker_invited", "ben@example.org", "REQUEST", 1, "TENTATIVE"),
    ]


def test_speakers_hear_of_changes_and_are_asked_anew_about_another_time(
    unit: Unit, rivers: UUID, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    """Whoever declined hears of nothing but the end; organisers see who has to answer again."""
    with unit() as session:
        ada = make_speaker(session.get_one(Event, rivers), "Ada", "ada@example.org").id
    for who, answer in ((ben, AppearanceStatus.ACCEPTED), (ada, AppearanceStatus.DECLINED)):
        with unit():
            answer_to_speak(who, answer, message="", site=site, at=LATER, by="page")
    with unit() as session:
        event = session.get_one(Event, rivers)
        renamed = dataclasses.replace(details_of(event), title="Rivers and seas")
        change_event(rivers, renamed, version=event.version, site=site, **WHO)
    assert status_of(unit, ben) is AppearanceStatus.ACCEPTED
    with unit() as session:
        event = session.get_one(Event, rivers)
        moved = details_of(event, starts_at=event.starts_at + timedelta(days=1))
        change_event(rivers, moved, version=event.version, site=site, **WHO)
    sent = [each for each in mails(worker, outbox) if each.to == "ben@example.org"]
    assert [line(each)[0:1] + line(each)[3:] for each in sent] == [
        ("speaker_invited", 0, "CONFIRMED"),
        ("updated", 1, "CONFIRMED"),
        ("moved", 2, "CONFIRMED"),
    ]
    assert [entry(each)["ATTENDEE"].params["PARTSTAT"] for each in sent[1:]] == ["ACCEPTED", "NEEDS-ACTION"]
    texts = [each.mail.get_body(("plain",)).get_content() for each in sent[1:] if each.mail]
    assert all("/speaker/" in text and "/bookings/" not in text for text in texts)
    assert "Rivers and seas" in texts[0]
    assert "Your answer, yes, stands. You can change it here." in text_of(sent[1])
    assert "You can accept, say" not in text_of(sent[1])
    assert "stands" not in text_of(sent[2])
    assert "You can accept, say" in text_of(sent[2])
    assert (status_of(unit, ben), status_of(unit, ada)) == (AppearanceStatus.INVITED, AppearanceStatus.DECLINED)
    assert [line(each)[0] for each in mails(worker, outbox) if each.to == "ada@example.org"] == ["speaker_invited"]


def test_a_chair_is_asked_to_chair_in_the_mail_and_in_the_calendar(
    unit: Unit, rivers: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit() as session:
        event = session.get_one(Event, rivers)
        ada = make_speaker(event, "Ada Lovelace", "ada@example.org", role=AppearanceRole.CHAIR).id
    with unit():
        take_out(rivers, ada, site=site, **WHO)
    sent, removed = mails(worker, outbox)
    assert sent.mail is not None
    assert sent.mail["Subject"].startswith("Invitation to chair: Rivers, ")
    text = text_of(sent)
    assert "We would be glad if you chaired this event." in text
    assert "What it is about: " in text
    assert f"{site.base_url}/events/rivers/" in text
    for words in (text, str(entry(sent)["DESCRIPTION"]), text_of(removed)):
        assert "you will speak" not in words
        assert "cannot speak" not in words
        assert "to speak" not in words
    assert "whether you can chair it" in str(entry(sent)["DESCRIPTION"]) + text


def test_there_is_nothing_to_send_again_to_whom_was_not_asked_or_declined(unit: Unit, ben: UUID, site: Site) -> None:
    with unit() as session:
        ada = make_speaker(session.get_one(Event, session.get_one(Appearance, ben).event_id), "Ada", None).id
    with unit(), pytest.raises(SpeakerNotAskedError):
        invite_again(ada, site=site, **WHO)
    with unit(), pytest.raises(SpeakerAddressMissingError):
        invite_now(ada, site=site, **WHO)
    with unit():
        answer_to_speak(ben, AppearanceStatus.DECLINED, message="", site=site, at=LATER, by="page")
    with unit(), pytest.raises(SpeakerDeclinedError):
        invite_again(ben, site=site, **WHO)


def test_a_cancelled_event_is_taken_out_of_the_calendars_of_speakers_also_of_those_who_declined(
    unit: Unit, rivers: UUID, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit() as session:
        event = session.get_one(Event, rivers)
        ada = make_speaker(event, "Ada", "ada@example.org").id
        make_speaker(event, "Eve", None)
    with unit():
        answer_to_speak(ada, AppearanceStatus.DECLINED, message="", site=site, at=LATER, by="page")
    for expected in (2, 0):
        with unit():
            assert cancel_event(rivers, reason="Ill.", site=site, **WHO) == expected
    sent = mails(worker, outbox)[-2:]
    assert [line(each) for each in sent] == [
        ("event_cancelled", "ben@example.org", "CANCEL", 1, "CANCELLED"),
        ("event_cancelled", "ada@example.org", "CANCEL", 1, "CANCELLED"),
    ]
    assert sent[0].mail is not None
    assert sent[0].mail["Subject"].startswith("Cancelled: Rivers, ")
    assert "The reason: Ill." in sent[0].mail.get_body(("plain",)).get_content()
    for act in (invite_now, invite_again):
        with unit(), pytest.raises(EventCancelledError):
            act(ben, site=site, **WHO)


def test_after_the_event_nobody_is_written_to(
    unit: Unit, rivers: UUID, ben: UUID, worker: Worker, outbox: Outbox, site: Site
) -> None:
    with unit() as session:
        late: dict[str, Any] = {"at": session.get_one(Event, rivers).ends_at, "actor": None}
    for act in (invite_now, invite_again):
        with unit(), pytest.raises(EventOverError):
            act(ben, site=site, **late)
    with unit():
        change_in_line_up(rivers, ben, details("other@example.org"), site=site, **late)
    with unit():
        take_out(rivers, ben, site=site, **late)
    assert [line(each)[:2] for each in mails(worker, outbox)] == [("speaker_invited", "ben@example.org")]


def test_the_order_of_a_line_up_is_changed_one_step_at_a_time(unit: Unit, rivers: UUID, ben: UUID, site: Site) -> None:
    with unit() as session:
        event = session.get_one(Event, rivers)
        others = [make_speaker(event, name, None).id for name in ("Ada", "Eve")]
    for who, by, expected in (
        (others[1], -1, ["Ben Okafor", "Eve", "Ada"]),
        (others[1], -1, ["Eve", "Ben Okafor", "Ada"]),
        (others[1], -1, ["Eve", "Ben Okafor", "Ada"]),
        (ben, 1, ["Eve", "Ada", "Ben Okafor"]),
    ):
        with unit():
            move_speaker(rivers, appearance_id=who, by=by, **WHO)  # type: ignore[arg-type]
            assert [each.name for each in line_up(rivers)] == expected
