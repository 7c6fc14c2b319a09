"""What calendars answer changes bookings as their own pages would, and nothing else does (5.3, rules 8 and 9)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from engage.audit.models import AuditEntry
from engage.bookings.by_organiser import remove_booking
from engage.bookings.changes import erase_booking
from engage.bookings.guests import cannot_come
from engage.bookings.models import Booking, Guest
from engage.bookings.services import cancel_booking
from engage.calendars.enums import InviteState, PartStat
from engage.calendars.models import CalendarInvite
from engage.calendars.services import end_invite, facts_of
from engage.events.enums import AppearanceStatus
from engage.events.models import Appearance, Event
from engage.flows.cancelling import cancel_event
from engage.flows.speaker_mails import queue_invited
from engage.flows.speaking import answer_to_speak, find_speaker_invite, recipient_of
from engage.kernel.models import Job
from engage.mail.models import Message
from engage.mail.received import held_token
from tests.conftest import SentMail
from tests.flows.calendars import BEN, CLEO, GWEN, NOW, Desk, Unit, calendar_part
from tests.mail.inbound.clients import CLIENTS, google, personal_mail

Worker = Callable[..., int]
Outbox = Callable[[], list[SentMail]]
PARTSTATS = ["ACCEPTED", "TENTATIVE", "DECLINED"]
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def desk(app: Flask, unit: Unit) -> Desk:
    """An event with two places, one of them Cleo's."""
    desk = Desk(app, unit, app.extensions["engage"].site())
    desk.open()
    desk.book()
    return desk


def texts(outbox: Outbox, kind: str) -> list[str]:
    return [str(each.mail.get_body(("plain",)).get_content()) for each in outbox() if each.kind == kind and each.mail]  # type: ignore[union-attr]


@pytest.mark.parametrize("partstat", PARTSTATS)
@pytest.mark.parametrize("client", CLIENTS)
def test_an_attendees_answer_is_applied_once_whatever_calendar_writes_it(
    desk: Desk, client: str, partstat: str
) -> None:
    reply = desk.says(partstat=partstat, comment="See you")

    outcomes = [desk.arrives(reply, client=client), desk.arrives(reply, client=client, minutes=6)]

    declined = partstat == "DECLINED"
    mine = desk.invite()
    assert outcomes == ["applied", "applied"]
    assert len(desk.log()) == 1
    assert (mine.partstat.value, mine.reply_comment) == (partstat, "See you")
    assert desk.status() == ("cancelled" if declined else "confirmed")
    assert mine.state is (InviteState.CANCELLED if declined else InviteState.LIVE)
    assert mine.sequence == 0
    assert desk.mails() == [("invitation", CLEO), *([("no_longer_booked", CLEO)] if declined else [])]
    assert desk.faults() == []


@pytest.mark.parametrize("partstat", PARTSTATS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_speakers_answer_reaches_the_organiser_once_whatever_calendar_writes_it(
    desk: Desk, client: str, partstat: str
) -> None:
    ben = desk.ask_to_speak()
    reply = desk.says(BEN, partstat, comment="See you")

    desk.arrives(reply, client=client)
    desk.arrives(reply, client=client, minutes=6)

    assert desk.speaks(ben) == (partstat.lower(), "See you")
    assert desk.invite(BEN).partstat.value == partstat
    assert desk.mails("speaker_answered") == [("speaker_answered", desk.site.contact_email)]
    assert desk.status() == "confirmed"


def test_declining_serves_the_waiting_list_and_offers_a_way_back(desk: Desk, worker: Worker, outbox: Outbox) -> None:
    desk.book("dev@example.org")
    desk.book("eve@example.org")
    assert desk.status("eve@example.org") == "waiting"

    assert desk.arrives(desk.says(partstat="DECLINED")) == "applied"
    worker(NOW + timedelta(minutes=6))

    assert (desk.status(), desk.status("eve@example.org")) == ("cancelled", "confirmed")
    farewell = next(each for each in outbox() if each.kind == "no_longer_booked")
    assert farewell.mail is not None
    assert farewell.mail["Subject"].startswith("You are no longer booked: Rivers")
    assert not any(part.get_content_type() == "text/calendar" for part in farewell.mail.walk())
    assert "/events/rivers/" in texts(outbox, "no_longer_booked")[0]
    assert desk.faults() == []


def test_who_declined_and_then_accepts_has_the_place_again_under_the_same_uid(desk: Desk) -> None:
    first = desk.invite()
    desk.arrives(desk.says(partstat="DECLINED"))

    outcome = desk.arrives(desk.says(partstat="ACCEPTED", minutes=9, sequence=0), minutes=9)

    now = desk.invite()
    assert outcome == "booked again"
    assert (desk.status(), now.uid, now.state, now.partstat) == (
        "confirmed",
        first.uid,
        InviteState.LIVE,
        PartStat.ACCEPTED,
    )
    assert now.sequence == 1
    assert [kind for kind, _ in desk.mails()] == ["invitation", "no_longer_booked", "invitation"]
    assert desk.faults() == []


def test_a_party_that_comes_back_has_all_its_places_and_its_guests_new_entries(desk: Desk) -> None:
    desk.open(capacity=2, slug="lakes")
    desk.book("petra@example.org", places=2, guest=GWEN)
    before = desk.invite(GWEN)
    desk.arrives(desk.says("petra@example.org", "DECLINED"))
    assert desk.invite(GWEN).state is InviteState.CANCELLED

    assert desk.arrives(desk.says("petra@example.org", "ACCEPTED", minutes=9), minutes=9) == "booked again"

    with desk.unit() as session:
        lakes = session.get_one(Event, desk.event_id)
        assert lakes.seats_taken == 2
    assert desk.invite(GWEN).uid != before.uid or desk.invite(GWEN).state is InviteState.LIVE
    assert desk.mails("invitation").count(("invitation", GWEN)) == 2
    assert desk.faults() == []


def test_who_accepts_after_all_when_it_is_full_waits_and_the_entry_is_taken_back(
    desk: Desk, worker: Worker, outbox: Outbox
) -> None:
    desk.book("dev@example.org")
    desk.book("eve@example.org")
    desk.arrives(desk.says(partstat="DECLINED"))

    outcome = desk.arrives(desk.says(partstat="ACCEPTED", minutes=9), minutes=9)
    worker(NOW + timedelta(minutes=10))

    assert outcome == "waiting again"
    assert desk.status() == "waiting"
    taken_back = next(each for each in outbox() if each.kind == "booking_cancelled")
    assert taken_back.mail is not None
    part = calendar_part(taken_back.mail.as_bytes())
    assert b"METHOD:CANCEL" in part
    assert b"SEQUENCE:1" in part
    assert desk.faults() == []


def test_a_party_comes_back_by_calendar_once_since_its_guests_are_written_to_each_time(desk: Desk) -> None:
    desk.open(capacity=4, slug="lakes")
    desk.book("petra@example.org", places=2, guest=GWEN)

    outcomes = []
    for minutes in (5, 7, 60 * 24 * 2, 60 * 24 * 4):
        for later, partstat in enumerate(("DECLINED", "ACCEPTED")):
            reply = desk.says("petra@example.org", partstat, minutes=minutes + later)
            outcomes.append(desk.arrives(reply, minutes=minutes + later))

    assert outcomes == ["applied", "booked again", "applied", "too many", "ended", "too many", "ended", "too many"]
    assert [kind for kind, to in desk.mails() if to == GWEN] == [*["invitation", "booking_cancelled"] * 2]
    assert desk.mails("booking_cancelled").count(("booking_cancelled", "petra@example.org")) == 1
    with desk.unit() as session:
        assert len(session.scalars(select(Guest)).all()) == 2
    assert desk.faults() == []


def test_who_comes_alone_may_change_their_mind_by_calendar_once_a_day(desk: Desk) -> None:
    day = 60 * 24
    outcomes = []
    for minutes in (5, 10, day + 20):
        for later, partstat in enumerate(("DECLINED", "ACCEPTED")):
            outcomes.append(
                desk.arrives(desk.says(partstat=partstat, minutes=minutes + later), minutes=minutes + later)
            )

    assert outcomes == ["applied", "booked again", "applied", "too many", "ended", "booked again"]
    assert desk.status() == "confirmed"
    assert desk.mails("booking_cancelled") == [("booking_cancelled", CLEO)]
    assert desk.faults() == []


def test_an_old_entry_of_somebody_who_booked_again_is_removed_once_and_their_booking_not_called_cancelled(
    desk: Desk, worker: Worker, outbox: Outbox
) -> None:
    old = desk.invite()
    desk.arrives(desk.says(partstat="DECLINED"))
    desk.book()

    for minutes in (60 * 24 * day for day in (1, 2, 3)):
        reply = desk.says(partstat="ACCEPTED", uid=old.uid, sequence=0, minutes=minutes)
        assert desk.arrives(reply, minutes=minutes) == "no place"
    worker(NOW + timedelta(days=4))

    assert desk.mails("booking_cancelled") == [("booking_cancelled", CLEO)]
    mail = next(each.mail for each in outbox() if each.kind == "booking_cancelled")
    assert mail is not None
    assert mail["Subject"].startswith("Old entry removed: Rivers")
    text = texts(outbox, "booking_cancelled")[0]
    assert "that stays as it is" in text
    assert "is cancelled" not in text
    assert old.uid.encode() in calendar_part(mail.as_bytes()).replace(b"\r\n ", b"")
    assert desk.faults() == []


def test_a_guest_who_declines_leaves_and_the_holder_is_told(desk: Desk) -> None:
    desk.open(capacity=4, slug="lakes")
    desk.book("petra@example.org", places=2, guest=GWEN)

    assert desk.arrives(desk.says(GWEN, "DECLINED")) == "applied"

    assert desk.mails("no_longer_booked", "guest_left") == [
        ("no_longer_booked", GWEN),
        ("guest_left", "petra@example.org"),
    ]
    with desk.unit() as session:
        assert session.scalars(select(Guest.gone_at)).one() is not None
        assert session.scalars(select(Booking.places).where(Booking.event_id == desk.event_id)).one() == 1
    # A booking never grows: accepting afterwards takes the entry out, once.
    for minutes in (9, 10, 11):
        assert desk.arrives(desk.says(GWEN, "ACCEPTED", minutes=minutes), minutes=minutes) == "ended"
    assert desk.mails("booking_cancelled") == [("booking_cancelled", GWEN)]
    assert desk.faults() == []


def test_maybe_keeps_the_place_and_is_asked_about_once_a_day_before(desk: Desk, worker: Worker, outbox: Outbox) -> None:
    desk.arrives(desk.says(partstat="TENTATIVE"))
    desk.arrives(desk.says(partstat="TENTATIVE", minutes=7, comment="Hm"), minutes=7)
    with desk.unit() as session:
        starts_at = session.get_one(Event, desk.event_id).starts_at
        assert session.scalars(select(Job.run_at).where(Job.name == "bookings.still-coming")).all() == [
            starts_at - timedelta(hours=24)
        ]

    worker(starts_at - timedelta(hours=24, minutes=1))
    assert desk.mails("still_coming") == []
    worker(starts_at - timedelta(hours=24))
    worker(starts_at - timedelta(hours=23))

    assert desk.mails("still_coming") == [("still_coming", CLEO)]
    assert "/cancel" in texts(outbox, "still_coming")[0]


@pytest.mark.parametrize("meanwhile", ["accepted", "declined", "moved"])
def test_whoever_said_more_since_or_of_another_time_is_not_asked(desk: Desk, worker: Worker, meanwhile: str) -> None:
    desk.arrives(desk.says(partstat="TENTATIVE"))
    with desk.unit() as session:
        starts_at = session.get_one(Event, desk.event_id).starts_at
    if meanwhile == "moved":
        desk.move(minutes=8)
    else:
        desk.arrives(desk.says(partstat=meanwhile.upper(), minutes=8), minutes=8)

    worker(starts_at - timedelta(hours=24))

    assert desk.mails("still_coming") == []


def test_an_older_answer_that_comes_later_is_dropped(desk: Desk) -> None:
    accepted, declined = desk.says(partstat="ACCEPTED", minutes=9), desk.says(partstat="DECLINED", minutes=5)

    assert desk.arrives(accepted, minutes=9) == "applied"
    assert desk.arrives(declined, minutes=10) == "stale"

    assert (desk.status(), desk.invite().partstat) == ("confirmed", PartStat.ACCEPTED)


def test_what_a_speaker_says_on_their_page_outlives_an_older_reply(desk: Desk) -> None:
    ben = desk.ask_to_speak()
    at = NOW + timedelta(minutes=9, milliseconds=500)
    with desk.unit():
        answer_to_speak(ben, AppearanceStatus.ACCEPTED, message="Gladly.", site=desk.site, at=at, by="page")

    assert desk.arrives(desk.says(BEN, "DECLINED", minutes=5), minutes=10) == "stale"
    assert desk.speaks(ben) == ("accepted", "Gladly.")
    assert desk.arrives(desk.says(BEN, "DECLINED", minutes=9), minutes=11) == "applied"


@pytest.mark.parametrize("who", ["petra@example.org", GWEN])
def test_a_place_given_back_on_a_page_outlives_an_older_reply(desk: Desk, who: str) -> None:
    desk.open(capacity=4, slug="lakes")
    desk.book("petra@example.org", places=2, guest=GWEN)
    late = desk.says(who, "ACCEPTED", minutes=5)
    with desk.unit() as session:
        at = NOW + timedelta(minutes=9)
        if who != GWEN:
            mine = session.scalars(select(Booking).where(Booking.event_id == desk.event_id)).one()
            cancel_booking(mine.id, site=desk.site, at=at)
        else:
            cannot_come(session.scalars(select(Guest)).one().id, site=desk.site, at=at)
    before = desk.mails()

    assert desk.arrives(late, minutes=10) == "stale"
    assert desk.mails() == before


def test_a_speakers_answers_reach_the_organisers_three_times_a_day_and_the_last_one_counts(desk: Desk) -> None:
    ben = desk.ask_to_speak()

    for minutes in range(5, 25):
        partstat = "DECLINED" if minutes % 2 else "ACCEPTED"
        assert desk.arrives(desk.says(BEN, partstat, minutes=minutes), minutes=minutes) == "applied"

    assert len(desk.mails("speaker_answered")) == 3
    assert desk.speaks(ben)[0] == "accepted"


def test_a_calendar_whose_clock_is_fast_does_not_keep_later_answers_out(desk: Desk) -> None:
    desk.arrives(desk.says(partstat="TENTATIVE", minutes=60 * 24 * 400))

    assert desk.arrives(desk.says(partstat="DECLINED", minutes=9), minutes=9) == "applied"


def test_an_answer_to_the_old_time_is_not_applied_and_gets_the_time_as_it_is_now(
    desk: Desk, worker: Worker, outbox: Outbox
) -> None:
    old = desk.says(partstat="DECLINED", minutes=9)
    desk.move()
    worker(NOW + timedelta(minutes=5))

    assert desk.arrives(old, minutes=9) == "old time"
    worker(NOW + timedelta(minutes=10))

    assert (desk.status(), desk.invite().sequence) == ("confirmed", 1)
    again = outbox()[-1]
    assert again.mail is not None
    part = calendar_part(again.mail.as_bytes())
    assert (again.kind, b"METHOD:REQUEST" in part, b"SEQUENCE:1" in part) == ("invitation", True, True)
    assert b"20260909T" in part
    assert desk.arrives(desk.says(partstat="DECLINED", minutes=12), minutes=12) == "applied"


def test_a_calendar_that_counts_up_by_itself_is_believed(desk: Desk) -> None:
    assert desk.arrives(desk.says(partstat="DECLINED", sequence=7)) == "applied"


def test_answers_that_bring_mails_about_bring_three_a_day_at_most(desk: Desk) -> None:
    outcomes = [desk.arrives(desk.says(minutes=minutes, method="REFRESH"), minutes=minutes) for minutes in range(5, 10)]

    assert outcomes == ["sent again"] * 3 + ["too many"] * 2
    assert len(desk.mails("invitation")) == 4


def test_after_the_event_an_answer_changes_nothing(desk: Desk) -> None:
    reply, before = desk.says(partstat="DECLINED", minutes=60 * 24 * 30), desk.state()

    assert desk.arrives(reply, minutes=60 * 24 * 30) == "ended"

    assert desk.state() == before


def test_who_accepts_what_was_taken_back_has_it_taken_back_again_once(desk: Desk) -> None:
    with desk.unit() as session:
        booking = session.scalars(select(Booking)).one()
        remove_booking(booking.id, message="", site=desk.site, at=NOW, actor=None)

    outcomes = [desk.arrives(desk.says(minutes=minutes), minutes=minutes) for minutes in (5, 6)]

    assert outcomes == ["ended", "ended"]
    assert desk.mails("booking_cancelled") == [("booking_cancelled", CLEO)] * 2
    assert desk.status() == "cancelled"
    assert desk.arrives(desk.says(partstat="DECLINED", minutes=7), minutes=7) == "ended"


def test_who_accepts_a_cancelled_event_hears_why_again_once(desk: Desk) -> None:
    with desk.unit():
        cancel_event(desk.event_id, reason="The river is high.", site=desk.site, at=NOW, actor=None)

    for minutes in (5, 6):
        assert desk.arrives(desk.says(minutes=minutes), minutes=minutes) == "ended"

    assert desk.mails("event_cancelled") == [("event_cancelled", CLEO)] * 2
    with desk.unit() as session:
        last = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert last is not None
        assert (last.facts["reason"], last.facts["calendar"]["method"]) == ("The river is high.", "CANCEL")


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "mallory@evil.example"},
        {"extra_headers": "Authentication-Results: example.org; dmarc=fail\r\n"},
    ],
)
def test_an_answer_that_somebody_else_may_have_written_is_held_until_its_owner_says_so(
    desk: Desk, client: Any, worker: Worker, outbox: Outbox, changes: dict[str, str]
) -> None:
    assert desk.arrives(desk.says(partstat="DECLINED", **changes)) == "held"
    assert desk.status() == "confirmed"
    worker(NOW + timedelta(minutes=6))
    text = texts(outbox, "reply_held")[0]
    link = next(word for word in text.split() if "/replies/" in word).removeprefix("http://localhost")
    before = desk.state()

    page = client.get(link)
    assert client.head(link).status_code == 200
    assert "Was this your answer?" in page.text
    assert desk.state() == before

    assert client.post(link).status_code == 303
    assert "Your answer counts" in client.get(link).text
    assert client.post(link).status_code == 303
    assert desk.status() == "cancelled"
    assert desk.mails("no_longer_booked") == [("no_longer_booked", CLEO)]


def test_a_link_to_confirm_an_answer_to_an_entry_that_is_gone_says_so_and_changes_nothing(
    desk: Desk, client: Any
) -> None:
    """As after an address was corrected, which replaces the entry."""
    desk.arrives(desk.says(partstat="DECLINED", sender="mallory@evil.example"))
    with desk.unit() as session:
        session.execute(delete(CalendarInvite))
    link = f"/replies/{held_token(desk.log()[0], desk.site)}/"

    assert "This link has run out" in client.get(link).text
    answer = client.post(link)

    assert answer.status_code == 409
    assert "does not stand any more" in answer.text
    assert desk.status() == "confirmed"


@pytest.mark.parametrize("ended", ["cancelled", "over", "stale"])
def test_nobody_is_asked_about_an_answer_that_nothing_can_come_of(desk: Desk, ended: str) -> None:
    mallory, minutes = "mallory@evil.example", 60 * 24 * 30 if ended == "over" else 9
    outcome = "stale" if ended == "stale" else "ended"
    replies = [desk.says(partstat=each, sender=mallory, minutes=minutes) for each in ("ACCEPTED", "DECLINED")]
    with desk.unit() as session:
        mine = session.scalars(select(Booking)).one()
        if ended == "cancelled":
            remove_booking(mine.id, message="", site=desk.site, at=NOW, actor=None)
        elif ended == "stale":
            cancel_booking(mine.id, site=desk.site, at=NOW + timedelta(minutes=10))

    assert [desk.arrives(each, minutes=minutes + 2) for each in replies] == [outcome] * 2
    assert desk.mails("reply_held") == []


def test_what_others_write_in_somebodys_name_does_not_use_up_their_own_limit(desk: Desk) -> None:
    forged = [desk.says(partstat="DECLINED", sender="mallory@evil.example", minutes=each) for each in range(5, 10)]

    outcomes = [desk.arrives(each, minutes=10) for each in forged]

    assert outcomes == ["held"] * 3 + ["too many"] * 2
    assert desk.arrives(desk.says(method="REFRESH", minutes=11), minutes=11) == "sent again"


def test_a_link_to_confirm_that_is_forged_opens_nothing(desk: Desk, client: Any) -> None:
    desk.arrives(desk.says(partstat="DECLINED", sender="mallory@evil.example"))
    row = desk.log()[0]

    for token in ("x", "A" * 48, str(row.id)):
        assert client.post(f"/replies/{token}/").status_code == 404
    assert desk.status() == "confirmed"


def test_an_uninvited_person_changes_nothing_and_stands_in_the_log(desk: Desk) -> None:
    before = desk.state()

    assert desk.arrives(desk.says(partstat="DECLINED", attendee="mallory@evil.example")) == "stranger"

    assert desk.state() == before
    assert (desk.log()[0].detail, desk.log()[0].from_addr) == ("mallory@evil.example", "mallory@evil.example")


def test_an_alias_that_answers_from_the_invited_address_is_believed(desk: Desk) -> None:
    assert desk.arrives(desk.says(partstat="DECLINED", attendee="c.sample@example.org", sender=CLEO)) == "applied"


@pytest.mark.parametrize("uid", ["nobody@example.org", "x' OR 1=1 --", "%"])
def test_an_answer_about_nothing_of_ours_is_a_persons_words(desk: Desk, uid: str) -> None:
    assert desk.arrives(desk.says(partstat="DECLINED", uid=uid)) == "kept"  # there is no contact address but ours
    assert desk.status() == "confirmed"


def test_an_answer_without_our_uid_is_found_by_the_mail_that_it_answers(desk: Desk) -> None:
    mine = desk.invite()
    headers = f"References: <other@example.org> {mine.first_message_id}\r\n"

    assert desk.arrives(desk.says(partstat="DECLINED", uid="lost", extra_headers=headers)) == "applied"


def test_an_answer_about_one_of_a_series_is_about_nothing_of_ours(desk: Desk) -> None:
    reply = desk.says(partstat="DECLINED", extra_lines=("RECURRENCE-ID:20260908T090000Z",))

    assert desk.arrives(reply) == "one instance"
    assert desk.status() == "confirmed"


def test_who_hands_the_invitation_on_changes_nothing_and_the_organiser_hears_to_whom(
    desk: Desk, worker: Worker, outbox: Outbox
) -> None:
    raw = google(desk.says(partstat="DELEGATED")).replace(
        b"PARTSTAT=DELEGATED", b'PARTSTAT=DELEGATED;DELEGATED-TO="mailto:dora@example.org"'
    )

    assert desk.arrives(raw) == "told"
    worker(NOW + timedelta(minutes=6))

    assert desk.status() == "confirmed"
    assert "Cleo handed the invitation to dora@example.org" in texts(outbox, "reply_note")[0]


def test_a_proposed_time_is_told_to_the_organiser_and_declined(desk: Desk, worker: Worker, outbox: Outbox) -> None:
    reply = desk.says(method="COUNTER", starts="20260910T083000Z", comment="An hour later?", sequence=0)

    assert desk.arrives(reply) == "told"
    worker(NOW + timedelta(minutes=6))

    note = texts(outbox, "reply_note")[0]
    assert "Cleo proposed another time in their calendar: 9:30am (UK time) on Thursday 10 September 2026." in note
    assert "> An hour later?" in note
    declined = next(each for each in outbox() if each.kind == "counter_declined")
    assert declined.mail is not None
    assert declined.to == CLEO
    part = calendar_part(declined.mail.as_bytes())
    assert b"METHOD:DECLINECOUNTER" in part
    assert desk.invite().uid.encode() in part.replace(b"\r\n ", b"")
    assert desk.invite().partstat is PartStat.NEEDS_ACTION


@pytest.mark.parametrize("starts", ["00010101T000000Z", "99991231T235959Z"])
def test_a_proposal_of_no_time_that_zones_know_is_told_without_it(
    desk: Desk, worker: Worker, outbox: Outbox, starts: str
) -> None:
    assert desk.arrives(desk.says(method="COUNTER", starts=starts, comment="Some day?")) == "told"
    worker(NOW + timedelta(minutes=6))

    note = texts(outbox, "reply_note")[0]
    assert "Some day?" in note
    assert starts[:4] not in note


def test_a_proposal_in_a_zone_of_its_own_is_told_as_it_stands(desk: Desk, worker: Worker, outbox: Outbox) -> None:
    desk.arrives(desk.says(method="COUNTER", starts="20260910T083000Z"), client="outlook.com")
    worker(NOW + timedelta(minutes=6))

    assert "8:30am (in their own time zone) on Thursday 10 September 2026" in texts(outbox, "reply_note")[0]


@pytest.mark.parametrize("method", ["COUNTER", "REFRESH"])
def test_what_only_costs_mail_is_not_done_for_a_forger(desk: Desk, method: str) -> None:
    assert desk.arrives(desk.says(method=method, sender="mallory@evil.example")) == "forged"
    assert desk.mails() == [("invitation", CLEO)]


def test_an_answer_is_one_line_of_the_audit_without_words_or_addresses(desk: Desk) -> None:
    desk.arrives(desk.says(partstat="TENTATIVE", comment="Ill"))

    mail = desk.log()[0].id
    with desk.unit() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "attendee:reply:send")).all()
        booking = session.scalars(select(Booking)).one()
        assert [(each.object, each.after) for each in entries] == [
            (
                f"booking:{booking.id}",
                {"answer": "TENTATIVE", "outcome": "applied", "mail": str(mail)},
            )
        ]


def test_a_person_who_is_erased_is_gone_from_the_mails_that_came_in(desk: Desk) -> None:
    desk.arrives(desk.says(partstat="DECLINED", comment="My knee"))
    desk.arrives(personal_mail(), minutes=6)
    with desk.unit() as session:
        erase_booking(session.scalars(select(Booking.id)).one(), at=NOW)

    kept = [(each.raw, each.from_addr, each.subject, each.reply) for each in desk.log()]
    assert kept == [(None, None, None, None)] * 2
    with desk.unit() as session:
        assert session.scalars(select(CalendarInvite.reply_comment)).all() == [None]


def test_a_speaker_who_answers_an_old_time_is_sent_the_time_as_it_is_now(
    desk: Desk, worker: Worker, outbox: Outbox
) -> None:
    ben = desk.ask_to_speak()
    with desk.unit() as session:
        event, appearance = session.get_one(Event, desk.event_id), session.get_one(Appearance, ben)
        invite = find_speaker_invite(ben)
        assert invite is not None
        queue_invited(recipient_of(appearance), event, facts_of(invite), site=desk.site, at=NOW)
    old = desk.says(BEN, "DECLINED", minutes=9)
    desk.move()

    assert desk.arrives(old, minutes=9) == "old time"
    worker(NOW + timedelta(minutes=10))

    assert desk.speaks(ben)[0] == "invited"
    again = outbox()[-1]
    assert (again.kind, again.to, again.state) == ("speaker_invited", BEN, "sent")
    assert again.mail is not None
    part = calendar_part(again.mail.as_bytes())
    assert (b"SEQUENCE:1" in part, b"20260909T" in part) == (True, True)


def test_a_speaker_who_accepts_after_being_taken_out_has_the_entry_taken_back_again(
    desk: Desk, worker: Worker, outbox: Outbox
) -> None:
    ben = desk.ask_to_speak()
    with desk.unit() as session:
        session.get_one(Appearance, ben).status = AppearanceStatus.WITHDRAWN
        invite = find_speaker_invite(ben)
        assert invite is not None
        end_invite(invite)

    for minutes in (5, 6):
        assert desk.arrives(desk.says(BEN, "ACCEPTED", minutes=minutes), minutes=minutes) == "ended"
    worker(NOW + timedelta(minutes=10))

    assert desk.mails("speaker_removed") == [("speaker_removed", BEN)]
    taken_back = outbox()[-1]
    assert taken_back.mail is not None
    assert b"METHOD:CANCEL" in calendar_part(taken_back.mail.as_bytes())
