"""Receiving: the five ways of being named, one sitting for one form, and what an anonymous one leaves (P2, P4)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.audit.services import current_request_id
from engage.consultations.models import Consultation
from engage.events.models import Event
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.errors import EngageError
from engage.kernel.models import Job, SubmissionKey
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key, sha256_hex
from engage.mail.models import Message
from engage.responses.consents import WORDINGS
from engage.responses.enums import Attribution, IdentityBasis, Purpose
from engage.responses.errors import (
    AnonymousByPassOnlyError,
    AnonymousWithEmailError,
    AnonymousWithNameError,
    AnonymousWithOrganisationError,
    AnswersClosedError,
    AnswersNotOpenError,
    CommentsClosedError,
    CommentsNotOpenError,
    EmailUnusableError,
    NameNeededError,
    NothingWrittenError,
    OrganisationNeededError,
    QuestionNotDiscussedError,
    TooLongError,
    WhoIsItNeededError,
)
from engage.responses.models import Consent, PrivacyNotice, Respondent, RespondentIdentity, Response, Submission
from engage.responses.search.facets import RANDOM_BITS
from engage.responses.services import Naming, Sender
from tests.factories import make_person
from tests.responses.makers import (
    ANONYMOUS,
    GUEST,
    NAMED,
    answer,
    booking_of,
    comment,
    event_about,
    every_value,
    open_consultation,
    responses_of,
)

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]


@pytest.mark.parametrize(
    ("naming", "email", "shown", "identity"),
    [
        (Naming(Attribution.NAMED, "Gwen Price"), None, "Gwen Price", (None, "Gwen Price")),
        (Naming(Attribution.ORGANISATION, None, "Tidewell"), None, "Tidewell", None),
        (Naming(Attribution.PSEUDONYM, "Heron"), None, "Heron", None),
        (Naming(Attribution.PSEUDONYM, "Heron"), "G@Example.org", "Heron", ("g@example.org", None)),
        (Naming(Attribution.NOT_PUBLISHED), "g@example.org", None, ("g@example.org", None)),
        (Naming(Attribution.NOT_PUBLISHED, "Gwen Price"), None, None, (None, "Gwen Price")),
    ],
)
def test_a_way_of_being_named_decides_what_is_shown_and_who_is_known(
    unit: Unit,
    site: Site,
    *,
    naming: Naming,
    email: str | None,
    shown: str | None,
    identity: tuple[str | None, str | None] | None,
) -> None:
    with unit():
        sender = Sender(IdentityBasis.GUEST, email=email)
        code = answer(open_consultation(), site=site, naming=naming, sender=sender)
        [response] = responses_of(code)
        known = db.session.scalars(select(RespondentIdentity)).one_or_none()

        assert (response.attribution, response.display_name) == (naming.attribution, shown)
        assert response.respondent_id is not None
        assert (known and (known.email, known.name)) == identity


@pytest.mark.parametrize(
    ("naming", "email", "error", "field"),
    [
        (Naming(Attribution.NAMED), None, NameNeededError, "display_name"),
        (Naming(Attribution.NAMED, " \u200b "), None, NameNeededError, "display_name"),
        (Naming(Attribution.NAMED, "\u3164"), None, NameNeededError, "display_name"),
        (Naming(Attribution.PSEUDONYM), "g@example.org", NameNeededError, "display_name"),
        (Naming(Attribution.ORGANISATION, "Gwen"), None, OrganisationNeededError, "organisation"),
        (Naming(Attribution.NOT_PUBLISHED), None, WhoIsItNeededError, "display_name"),
        (Naming(Attribution.NAMED, "Gwen"), "no address", EmailUnusableError, "email"),
        (Naming(Attribution.NAMED, "Gwen"), "g@example.org\r\nBcc: x@y.org", EmailUnusableError, "email"),
        (Naming(Attribution.ANONYMOUS, "Gwen"), None, AnonymousWithNameError, "display_name"),
        (Naming(Attribution.ANONYMOUS, None, "Tidewell"), None, AnonymousWithOrganisationError, "organisation"),
        (Naming(Attribution.ANONYMOUS), "g@example.org", AnonymousWithEmailError, "email"),
    ],
)
def test_what_does_not_fit_the_way_is_refused_beside_its_field(
    unit: Unit, site: Site, *, naming: Naming, email: str | None, error: type[EngageError], field: str
) -> None:
    with unit():
        consultation = open_consultation()

        with pytest.raises(error) as refused:
            answer(consultation, site=site, naming=naming, sender=Sender(IdentityBasis.GUEST, email=email))

        assert refused.value.field == field


def test_an_anonymous_sitting_leaves_the_day_and_nothing_else(
    unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    """P2, P4: raw rows of the whole database, before and after."""
    clock.move_to(datetime(2026, 9, 1, 14, 37, 12, tzinfo=UTC))
    with unit():
        member = make_person("dev@example.org", name="Dev Ident")
        event = event_about(open_consultation())
        booking = booking_of(event, site=site)
        secrets: set[Any] = {member.id, member.name, member.email, booking.id, booking.nonce, booking.name}
        event_id, member_id = event.id, member.id
    clock.move_to(datetime(2026, 9, 2, 23, 41, 7, tzinfo=UTC))
    now = real_clock.now()
    key = new_submission_key(site.link_secrets, now)
    with unit():
        before = every_value()
    request = current_request_id.set("req-secret-0001")
    try:
        with unit() as session:
            event = session.get_one(Event, event_id)
            sender = Sender(IdentityBasis.MEMBER, member_id, "Dev Ident", "dev@example.org")
            code = comment(event, site=site, sender=sender, naming=ANONYMOUS, key=key, at=now)
    finally:
        current_request_id.reset(request)
    with unit():
        after = every_value()

    new = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    index = {name for name in new if name.startswith("response_words")}  # of SQLite: what the index keeps itself in
    assert {name for name, rows in new.items() if rows} - index == {
        "submission", "response", "response_search", "consent", "audit_entry", "submission_key",
    }  # fmt: skip
    [(number, *_)] = new["response_search"]
    assert number >> RANDOM_BITS == (now.date() - date(1970, 1, 1)).days  # the day, and nothing but chance behind it
    values = [value for rows in new.values() for row in rows for value in row]
    assert not [value for value in values if value in secrets or value == "req-secret-0001"]
    texts = " ".join(str(value) for value in values)
    for telling in ("23:41", "41:07", "Dev Ident", "dev@example.org", "cleo", "req-secret", code, key):
        assert telling not in texts
    midnight = datetime(2026, 9, 2, tzinfo=UTC).replace(tzinfo=None)
    moments = {value.replace(tzinfo=None) for value in values if isinstance(value, datetime)}
    assert moments == {midnight}
    days = {value for value in values if isinstance(value, date) and not isinstance(value, datetime)}
    assert days == {date(2026, 9, 2), date(2026, 9, 3)}  # received; the key's hash is kept for a day
    elsewhere = [value for name, rows in new.items() if name != "submission" for row in rows for value in row]
    assert sha256_hex(code) not in elsewhere


def test_an_anonymous_sitting_promises_no_mail_and_no_job(unit: Unit, site: Site) -> None:
    with unit():
        answer(open_consultation(), site=site, naming=ANONYMOUS)

        assert db.session.scalars(select(Message)).all() == []
        assert db.session.scalars(select(Job)).all() == []
        assert db.session.scalars(select(Respondent)).all() == []


@pytest.mark.parametrize("database_kind", ["sqlite"])  # PostgreSQL has no such numbers
def test_tables_of_sittings_have_no_hidden_row_number(unit: Unit) -> None:
    """P4: nothing in the file tells the order of arrival."""
    with unit() as session:
        for table in ("submission", "response", "consent", "audit_entry", "submission_key"):
            sql = session.connection().exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")
            assert "WITHOUT ROWID" in sql.scalar_one()


def test_every_use_has_a_row_with_its_wording_and_the_notice(unit: Unit, site: Site) -> None:
    """P12: what was not ticked is stored as refused."""
    with unit():
        code = answer(open_consultation(), site=site, consents=frozenset({Purpose.QUOTE_REPORT}))
        [response] = responses_of(code)
        notice = db.session.scalars(select(PrivacyNotice)).one()

        assert {c.purpose: c.granted for c in response.consents} == {
            purpose: purpose is Purpose.QUOTE_REPORT for purpose in WORDINGS
        }
        assert {c.notice_id for c in response.consents} == {notice.id}
        assert all(c.wording_shown and c.given_at == real_clock.now() for c in response.consents)


def test_the_same_form_twice_is_one_sitting_with_one_receipt(unit: Unit, site: Site) -> None:
    """R6, R8: a double click, a reload, back and send again."""
    key = new_submission_key(site.link_secrets, real_clock.now())
    with unit():
        consultation = open_consultation()
        consultation_id = consultation.id
        first = answer(consultation, site=site, key=key, answers={1: "One.", 2: "Two.", 3: "  "})
    with unit() as session:
        consultation = session.get_one(Consultation, consultation_id)
        second = answer(consultation, site=site, key=key, answers={1: "Something else."})

        assert second == first
        assert [r.body_original for r in responses_of(first)] == ["One.", "Two."]
        assert len(session.scalars(select(Submission)).all()) == 1
        assert session.scalars(select(SubmissionKey)).one().result is None


def test_a_known_sender_with_an_address_is_promised_a_receipt_that_opens_nothing_by_itself(
    unit: Unit, site: Site
) -> None:
    """S12: the mail's facts hold the form's key; the code needs the secret as well."""
    with unit():
        sender = Sender(IdentityBasis.GUEST, email="g@example.org")
        code = answer(open_consultation(), site=site, sender=sender)
        message = db.session.scalars(select(Message)).one()

        assert (message.to_addr, message.kind) == ("g@example.org", "receipt")
        assert code not in str(message.facts)
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.act == "web:submission:receive")).one()


def test_a_member_is_one_respondent_and_two_guests_of_one_name_are_two(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        member = make_person()
        known = Sender(IdentityBasis.MEMBER, member.id, member.name, member.email)
        for sender in (known, known, GUEST, GUEST):
            answer(consultation, site=site, sender=sender)
        counted = [r.identity_basis for r in db.session.scalars(select(Respondent))]

        assert sorted(counted) == ["guest", "guest", "member"]


def test_a_booking_is_one_respondent_for_all_its_comments_and_never_anonymous(unit: Unit, site: Site) -> None:
    with unit():
        event = event_about(open_consultation())
        sender = Sender(IdentityBasis.BOOKING, name="Cleo Rees", email="cleo@example.org")
        for _ in range(2):
            comment(event, site=site, sender=sender)

        assert len(db.session.scalars(select(Respondent)).all()) == 1
        with pytest.raises(AnonymousByPassOnlyError):
            comment(event, site=site, sender=sender, naming=ANONYMOUS)


def test_one_written_answer_is_enough_and_none_is_too_few(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()

        with pytest.raises(NothingWrittenError) as refused:
            answer(consultation, site=site, answers={1: "", 2: " \u202e ", 3: "\x00"})

        assert refused.value.field == "answer-1"


def test_an_answer_of_five_thousand_characters_is_taken_and_one_more_refused(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        answer(consultation, site=site, answers={2: "x" * 5000})

        with pytest.raises(TooLongError) as refused:
            answer(consultation, site=site, answers={2: "x" * 5001})

        assert (refused.value.field, "5001" in str(refused.value)) == ("answer-2", True)


def test_words_are_kept_as_typed_but_for_what_no_reader_sees(unit: Unit, site: Site) -> None:
    with unit():
        code = answer(open_consultation(), site=site, answers={1: "  =?utf-8?q?x?=\r\n\u202e<b>ŵ</b> 🙂\x07\n"})
        [response] = responses_of(code)

        assert response.body_original == "=?utf-8?q?x?=\n<b>ŵ</b> 🙂"


def test_answers_are_taken_only_while_the_consultation_is_open(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        second = timedelta(seconds=1)

        with pytest.raises(AnswersNotOpenError):
            answer(consultation, site=site, at=consultation.opens_at - second)
        with pytest.raises(AnswersClosedError):
            answer(consultation, site=site, at=consultation.closes_at)
        answer(consultation, site=site, at=consultation.opens_at)
        answer(consultation, site=site, at=consultation.closes_at - second)


def test_comments_are_taken_from_the_end_until_the_closing(unit: Unit, site: Site) -> None:
    with unit():
        event = event_about(open_consultation(), ended_ago=-timedelta(days=2))
        second = timedelta(seconds=1)

        with pytest.raises(CommentsNotOpenError):
            comment(event, site=site, at=event.ends_at - second)
        with pytest.raises(CommentsClosedError):
            comment(event, site=site, at=event.comments_close_at())
        comment(event, site=site, at=event.ends_at)
        comment(event, site=site, at=event.comments_close_at() - second)


def test_a_comment_belongs_to_the_event_and_to_a_question_that_it_discussed(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        event = event_about(consultation)
        first, second, _ = consultation.questions
        code = comment(event, site=site, question_id=first.id)
        [response] = responses_of(code)

        assert (response.event_id, response.question_id) == (event.id, first.id)
        assert response.consultation_id == consultation.id
        with pytest.raises(QuestionNotDiscussedError):
            comment(event, site=site, question_id=second.id)


def test_a_comment_has_one_field_for_the_name_of_a_person_or_an_organisation(unit: Unit, site: Site) -> None:
    with unit():
        event = event_about()
        code = comment(event, site=site, naming=Naming(Attribution.ORGANISATION, "Tidewell"))

        assert [r.display_name for r in responses_of(code)] == ["Tidewell"]
        with pytest.raises(OrganisationNeededError) as refused:
            comment(event, site=site, naming=Naming(Attribution.ORGANISATION))
        assert refused.value.field == "display_name"


def test_a_refused_sitting_leaves_nothing_behind(unit: Unit, site: Site) -> None:
    key = new_submission_key(site.link_secrets, real_clock.now())
    with unit():
        consultation_id = open_consultation().id
    with pytest.raises(TooLongError), unit() as session:
        answer(session.get_one(Consultation, consultation_id), site=site, key=key, answers={1: "x" * 5001})
    with unit() as session:
        for model in (Submission, Response, Consent, SubmissionKey, Respondent):
            assert session.scalars(select(model)).all() == []
        assert answer(session.get_one(Consultation, consultation_id), site=site, key=key, naming=NAMED)
