"""Bounces mark mail and address, words go to the contact, everything else is only logged (5.2, 5.4)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engage.audit.models import AuditEntry
from engage.bookings.received import get_received, received_page
from engage.jobs.replies import take_in
from engage.kernel.db import db
from engage.mail.enums import MessageKind, MessageState
from engage.mail.errors import MailNotFoundError
from engage.mail.faults import faults_of, is_bad
from engage.mail.inbound.opening import LARGEST_MAIL
from engage.mail.models import InboundMail, Message
from engage.mail.queries import find_latest
from engage.mail.received import KEPT_FOR, wipe_old_inbound
from engage.mail.services import queue
from tests.conftest import SentMail
from tests.flows.calendars import CLEO, NOW, Desk, Unit
from tests.mail.inbound.clients import CLIENTS, bounce, google, personal_mail

Worker = Callable[..., int]
Outbox = Callable[[], list[SentMail]]
CONTACT = "hello@tidewell.example"
NO_SUCH_USER = "550 5.1.1 no such user"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def desk(app: Flask, unit: Unit) -> Desk:
    """An event where Cleo has a place, and a contact address that is not the one we write from."""
    desk = Desk(app, unit, replace(app.extensions["engage"].site(), contact_email=CONTACT))
    desk.open()
    desk.book()
    return desk


def invitation(desk: Desk) -> tuple[str, str]:
    """Return the Message-ID and the envelope of Cleo's invitation."""
    with desk.unit() as session:
        found = session.scalars(select(Message).order_by(Message.id)).first()
        assert found is not None
        return found.message_id, found.envelope_from


def state_of_mail(desk: Desk) -> tuple[str, str | None]:
    with desk.unit() as session:
        found = session.scalars(select(Message).order_by(Message.id)).first()
        assert found is not None
        return found.state.value, found.last_error


def fault(desk: Desk, address: str = CLEO) -> tuple[int, bool] | None:
    with desk.unit():
        found = faults_of([address]).get(address)
        return None if found is None else (found.faults, is_bad(address))


def put_in_line(desk: Desk, kind: MessageKind, to: str) -> str:
    """Put a mail into the outbox; returns its Message-ID."""
    about = ("submission" if kind is MessageKind.RECEIPT else "event", desk.event_id)
    queue(
        kind,
        logical_key=f"{kind}:1",
        to_addr=to,
        facts={"receipt_key": "k", "kind": "answer", "about_title": "Food", "count": 1},
        locale="en",
        about_type=about[0],
        about_id=about[1],
        site=desk.site,
        at=NOW,
    )
    return db.session.scalars(select(Message.message_id).where(Message.kind == kind)).one()


@pytest.mark.parametrize("by", ["envelope", "message id"])
def test_a_bounce_marks_the_mail_and_the_address_and_cancels_nothing(desk: Desk, worker: Worker, by: str) -> None:
    worker(NOW)
    message_id, envelope = invitation(desk)
    raw = bounce(recipient=CLEO, returned_id=message_id if by == "message id" else "<lost@example.org>")

    assert desk.arrives(raw, to=envelope if by == "envelope" else "engage@example.org") == "bounced"

    assert state_of_mail(desk) == ("bounced", NO_SUCH_USER)
    assert fault(desk) == (1, True)
    assert desk.status() == "confirmed"
    assert desk.mails() == [("invitation", CLEO)]
    assert desk.log()[0].about_type == "booking"


def test_a_mail_that_is_late_three_times_makes_the_address_bad_but_is_not_bounced(desk: Desk, worker: Worker) -> None:
    worker(NOW)
    message_id, _ = invitation(desk)
    seen = []
    for status in ("4.2.2", "4.4.7", "4.4.1"):
        raw = bounce(recipient=CLEO, returned_id=message_id, action="delayed", status=status, diagnostic="later")
        seen.append((desk.arrives(raw), fault(desk)))

    assert seen == [("delayed", (1, False)), ("delayed", (2, False)), ("delayed", (3, True))]
    assert state_of_mail(desk)[0] == "sent"


def test_a_mail_that_is_given_up_after_a_temporary_fault_is_bounced_and_counted_once(
    desk: Desk, worker: Worker
) -> None:
    worker(NOW)
    raw = bounce(recipient=CLEO, returned_id=invitation(desk)[0], status="4.4.7", diagnostic="timed out")

    assert [desk.arrives(raw), desk.arrives(raw)] == ["bounced", "bounced"]

    assert state_of_mail(desk) == ("bounced", "4.4.7 timed out")
    assert fault(desk) == (1, False)


@pytest.mark.parametrize("status", ["5.7.1", "5.6.0", "5.2.3", "5.3.4"])
def test_a_mail_that_is_refused_for_what_it_says_is_bounced_and_its_address_stays_good(
    desk: Desk, worker: Worker, status: str
) -> None:
    """RFC 3463: policy, content and size are faults of one mail."""
    worker(NOW)
    refusal = f"550 {status} not this one"

    raw = bounce(recipient=CLEO, returned_id=invitation(desk)[0], status=status, diagnostic=refusal)
    assert desk.arrives(raw) == "bounced"

    assert state_of_mail(desk) == ("bounced", refusal)
    assert fault(desk) is None


@pytest.mark.parametrize("to", [CONTACT, "asha@example.org"])
def test_mail_to_the_sites_own_people_that_bounces_never_makes_their_address_bad(desk: Desk, to: str) -> None:
    kind = MessageKind.FEED_LINK if to == CONTACT else MessageKind.REPLY_NOTE
    with desk.unit():
        ours = put_in_line(desk, kind, to)

    assert desk.arrives(bounce(recipient=to, returned_id=ours)) == "bounced"

    assert fault(desk, to) is None
    with desk.unit() as session:
        assert session.scalars(select(Message.state).where(Message.message_id == ours)).one() == "bounced"


@pytest.mark.parametrize("forged", ["address", "mail", "status", "action"])
def test_a_bounce_that_names_another_address_or_no_mail_of_ours_is_only_logged(
    desk: Desk, worker: Worker, forged: str
) -> None:
    worker(NOW)
    message_id = "<m-1@example.org>" if forged == "mail" else invitation(desk)[0]
    raw = bounce(
        recipient="dev@example.org" if forged == "address" else CLEO,
        returned_id=message_id,
        status="2.0.0" if forged == "status" else "5.1.1",
        action="relayed" if forged == "action" else "failed",
    )
    before = desk.state()

    assert desk.arrives(raw) == "unmatched"

    assert desk.state() == before
    assert fault(desk) is None


def test_of_a_bounce_the_notice_is_kept_and_nothing_of_the_mail_that_came_back(
    desk: Desk, worker: Worker, outbox: Outbox
) -> None:
    """S12: a mail of ours opens its reader's pages. Some servers quote it in their own words."""
    worker(NOW)
    ours = outbox()[0].mail
    assert ours is not None
    text = str(ours.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    link = next(word for word in text.split() if "/bookings/" in word)
    raw = bounce(
        recipient=CLEO,
        notice=f"<{CLEO}>: no such user, see {link}\r\n\r\n---- This is a copy of your message ----\r\n{text}",
        diagnostic=f"550 5.1.1 no such user, see {link}",
        returned=ours.as_bytes(),
    )

    assert desk.arrives(raw, to=invitation(desk)[1]) == "bounced"

    row = desk.log()[0]
    kept = (row.raw or b"").decode()
    assert "sorry to have to inform you" in kept
    assert f"<{CLEO}>: no such user" in kept
    assert "Status: 5.1.1" in kept
    token = link.rstrip("/").rpartition("/")[2]
    assert token not in kept + (row.detail or "") + (state_of_mail(desk)[1] or "")
    assert "Rivers" not in kept


def test_what_comes_back_without_a_report_is_kept_up_to_our_own_words(desk: Desk) -> None:
    """As qmail writes it: no part of it is for programs."""
    text = (
        "Hi. This is the qmail-send program.\r\n<cleo@example.org>:\r\nno such user\r\n\r\n"
        "--- Below this line is a copy of the message.\r\n\r\nSubject: Rivers\r\nhttp://localhost/bookings/abc/"
    )
    assert desk.arrives(personal_mail(text=text, headers="Return-Path: <>\r\n")) == "noted"

    kept = (desk.log()[0].raw or b"").decode()
    assert "no such user" in kept
    assert "bookings" not in kept
    assert "Rivers" not in kept


@pytest.mark.parametrize("way", ["bounce", "unread bounce", "automatic"])
def test_nothing_is_kept_or_listed_of_a_mail_about_a_receipt(desk: Desk, way: str) -> None:
    """P2: it would tell who answered. The same mail again changes nothing either."""
    gia = "gia@example.org"
    with desk.unit():
        receipt = put_in_line(desk, MessageKind.RECEIPT, gia)
    raw = {
        "bounce": bounce(recipient=gia, returned_id=receipt),
        "unread bounce": bounce(recipient="other@example.org", returned_id=receipt),
        "automatic": personal_mail(
            sender=gia, headers=f"Auto-Submitted: auto-replied\r\nIn-Reply-To: {receipt}\r\n", text="I am away."
        ),
    }[way]

    assert [desk.arrives(raw), desk.arrives(raw)] == ["confidential"] * 2

    row = desk.log()[0]
    assert (row.raw, row.from_addr, row.subject, row.detail, row.envelope_to, row.about_id) == (None,) * 6
    with desk.unit() as session:
        page = received_page()
        assert (list(page.items), sum(page.counts.values())) == ([], 0)
        with pytest.raises(MailNotFoundError):
            get_received(row.id)
        assert find_latest(MessageState.BOUNCED) is None
        state = session.scalars(select(Message.state).where(Message.message_id == receipt)).one()
        assert state == ("bounced" if way == "bounce" else "queued")
        assert not session.scalars(select(AuditEntry).where(AuditEntry.act.contains("bounce"))).all()


def test_a_bounce_that_fits_no_mail_of_ours_is_listed_without_its_notice(desk: Desk) -> None:
    assert desk.arrives(bounce(recipient="gia@example.org")) == "unmatched"

    assert desk.log()[0].raw is None


def test_a_persons_words_reach_the_contact_quoted_and_are_answered_to_their_author(
    desk: Desk, worker: Worker, outbox: Outbox
) -> None:
    raw = personal_mail(subject="=?utf-8?q?Step-free=3F?=", text="Is there a ramp?\r\n\r\nCleo")

    assert desk.arrives(raw) == "forwarded"
    worker(NOW + timedelta(minutes=6))

    sent = next(each for each in outbox() if each.kind == "forwarded")
    assert (sent.to, sent.state) == (CONTACT, "sent")
    assert sent.mail is not None
    assert str(sent.mail["Reply-To"]) == "Cleo Sample <cleo@example.org>"
    assert str(sent.mail["Subject"]) == "Cleo Sample wrote: Step-free?"
    assert sent.mail["Auto-Submitted"] == "auto-generated"
    body = sent.mail.get_body(("plain",))
    assert body is not None
    assert "> Is there a ramp?" in body.get_content()
    with desk.unit() as session:
        kept = session.scalars(select(Message.facts).where(Message.kind == "forwarded")).one()
        assert "ramp" not in str(kept)


def test_one_author_is_passed_on_five_times_an_hour(desk: Desk) -> None:
    outcomes = [desk.arrives(personal_mail(text=f"Number {n}"), minutes=n) for n in range(7)]

    assert outcomes == ["forwarded"] * 5 + ["too many"] * 2
    assert desk.arrives(personal_mail(text="Later"), minutes=70) == "forwarded"
    assert desk.arrives(personal_mail(text="Other", sender="dev@example.org"), minutes=7) == "forwarded"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"sender": CONTACT}, "kept"),
        ({"sender": "engage@example.org"}, "kept"),
        ({"headers": "Auto-Submitted: auto-replied\r\n"}, "noted"),
        ({"headers": "Precedence: bulk\r\n"}, "noted"),
        ({"headers": "Received: from a by b\r\n" * 60}, "noted"),
        ({"headers": "Return-Path: <>\r\n"}, "noted"),
    ],
)
def test_what_would_go_round_in_a_circle_is_only_logged(desk: Desk, changes: dict[str, str], outcome: str) -> None:
    before = desk.state()

    assert desk.arrives(personal_mail(**changes)) == outcome

    assert desk.state() == before
    assert len(desk.log()) == 1


def test_a_mail_that_we_pass_on_and_that_comes_back_is_only_logged(desk: Desk, worker: Worker, outbox: Outbox) -> None:
    desk.arrives(personal_mail())
    worker(NOW + timedelta(minutes=6))
    ours = next(each for each in outbox() if each.kind == "forwarded")
    assert ours.mail is not None

    assert desk.arrives(ours.mail.as_bytes(), minutes=7) == "noted"


def test_a_mail_that_is_too_large_is_told_of_without_its_words(desk: Desk, worker: Worker, outbox: Outbox) -> None:
    assert desk.arrives(personal_mail(subject="Photos", text="x" * LARGEST_MAIL)) == "forwarded"
    worker(NOW + timedelta(minutes=6))

    assert desk.log()[0].kind.value == "refused"
    assert desk.log()[0].raw is None
    sent = next(each for each in outbox() if each.kind == "forwarded")
    assert sent.mail is not None
    assert "too large or too complicated" in sent.mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_mails_are_kept_for_thirty_days_and_what_became_of_them_longer(desk: Desk) -> None:
    desk.arrives(google(desk.says(partstat="TENTATIVE")))
    desk.arrives(personal_mail(), minutes=60)
    with desk.unit():
        assert wipe_old_inbound(at=NOW + timedelta(minutes=5) + KEPT_FOR) == 1

    wiped, kept = desk.log()
    assert (wiped.raw, wiped.from_addr, wiped.subject, wiped.outcome) == (None, None, None, "applied")
    assert kept.raw is not None


def test_two_who_hand_over_the_same_mail_at_one_moment_apply_it_once(desk: Desk) -> None:
    raw, together = google(desk.says(partstat="DECLINED")), threading.Barrier(4)
    outcomes: list[bool] = []

    def hand_over() -> None:
        together.wait()
        with desk.app.app_context():
            at = NOW + timedelta(minutes=5)
            outcomes.append(take_in(raw, envelope_to="", envelope_from=None, site=desk.site, at=at).is_new)

    threads = [threading.Thread(target=hand_over) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, False, False, True]
    assert desk.mails("no_longer_booked") == [("no_longer_booked", CLEO)]
    assert len(desk.log()) == 1
    assert desk.faults() == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_no_mail_broken_on_the_way_fails_or_changes_more_than_the_log(desk: Desk) -> None:
    """Whatever a transport does to a reply, it is applied as it was written, or nothing is."""
    replies = {name: write(desk.says(partstat="TENTATIVE")) for name, write in CLIENTS.items()}
    allowed = desk.state()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(sorted(replies)), st.integers(0, 1500), st.binary(min_size=1, max_size=5), st.integers(1, 9))
    def broken(client: str, where: int, what: bytes, gone: int) -> None:
        raw = replies[client]
        raw = raw[:where] + what + raw[where + gone :]
        with desk.app.app_context():
            handled = take_in(raw, envelope_to="", envelope_from=None, site=desk.site, at=NOW + timedelta(minutes=5))
        assert handled.outcome.value != "failed"

    broken()

    unchanged = [row for row in allowed if row[0] not in {desk.invite().id}]
    now = desk.state()
    assert all(row in now for row in unchanged)
    assert desk.status() == "confirmed"
    assert desk.invite().partstat.value in ("NEEDS-ACTION", "TENTATIVE", "ACCEPTED")
    with desk.unit() as session:
        assert not session.scalars(select(InboundMail.id).where(InboundMail.outcome == "failed")).all()
