"""Typing in what came on paper: as it came, with the consent given there, and who typed it in (rule 1)."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.audit.models import AuditEntry
from engage.consultations.enums import ConsultationStatus
from engage.consultations.errors import ConsultationNotFoundError
from engage.consultations.queries import get_any_consultation
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.errors import EngageError
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key
from engage.responses.consents import wordings
from engage.responses.enums import Channel, IdentityBasis, Purpose
from engage.responses.errors import (
    AnonymousWithEmailError,
    AnswersClosedError,
    NothingWrittenError,
    NotOnPaperError,
    NotReceivedThenError,
)
from engage.responses.models import Respondent, RespondentIdentity, Submission
from engage.responses.services.entering import enter_answers
from engage.responses.services.sittings import Paper
from tests.conftest import SentMail
from tests.factories import make_person
from tests.responses.makers import ANONYMOUS, NAMED, ask_everything, open_consultation, responses_of

Unit = Callable[[], AbstractContextManager[Session]]
LETTER = {1: "", 4: "They moved us.", 5: "These are many more than four words."}


@pytest.fixture(autouse=True)
def stage(unit: Unit, clock: time_machine.Traveller) -> None:
    """Something that was asked, and somebody who types."""
    with unit():
        ask_everything(open_consultation())
        make_person("asha@example.org", "organiser", name="Asha")


def enter(unit: Unit, site: Site, *, channel: Channel = Channel.POST, days_ago: int = 1, **other: Any) -> str:
    with unit():
        at = real_clock.now()
        values: dict[str, Any] = {"answers": LETTER, "naming": NAMED, "name": "Gwen Price", "email": None}
        return enter_answers(
            get_any_consultation("levelling-up").id,
            paper=Paper(channel, (at - timedelta(days=days_ago)).date(), _asha()),
            consents=frozenset({Purpose.QUOTE_REPORT}),
            wordings=wordings(),
            key=other.pop("key", "") or new_submission_key(site.link_secrets, at),
            language="en",
            site=site,
            at=at,
            **{**values, **other},
        )


def _asha() -> uuid.UUID:
    return db.session.scalars(select(Person.id)).one()


def test_a_letter_is_stored_as_it_came_with_the_day_the_channel_the_typist_and_the_consent(
    unit: Unit, site: Site
) -> None:
    code = enter(unit, site)
    with unit():
        submission = db.session.scalars(select(Submission)).one()
        respondent, identity = (
            db.session.scalars(select(Respondent)).one(),
            db.session.scalars(select(RespondentIdentity)).one(),
        )
        first, second = responses_of(code)

        assert (submission.channel, submission.entered_by) == (Channel.POST, _asha())
        assert (respondent.identity_basis, identity.name) == (IdentityBasis.OFFLINE, "Gwen Price")
        assert (first.body, second.body) == (LETTER[5], LETTER[4])
        assert {response.received_on for response in (first, second)} == {date(2026, 8, 31)}
        assert {use for use in Purpose if first.allows(use)} == {Purpose.QUOTE_REPORT}
        assert {consent.given_at for consent in first.consents} == {datetime(2026, 8, 31, tzinfo=UTC)}
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "web:submission:receive")).one()
        assert entry.actor == _asha()


def test_the_same_form_again_is_the_same_sitting(unit: Unit, site: Site) -> None:
    """R8."""
    key = new_submission_key(site.link_secrets, real_clock.now())
    assert enter(unit, site, key=key) == enter(unit, site, key=key)
    with unit():
        assert len(db.session.scalars(select(Submission)).all()) == 1


def test_an_anonymous_letter_says_nobody_not_who_typed_it_either(unit: Unit, site: Site) -> None:
    """P2, P4."""
    enter(unit, site, naming=ANONYMOUS, name=None)
    with unit():
        submission = db.session.scalars(select(Submission)).one()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "web:submission:receive")).one()

        assert (submission.entered_by, submission.respondent_id) == (None, None)
        assert (entry.actor, entry.request_id, entry.at.time()) == (None, None, datetime.min.time())


def test_the_receipt_goes_to_the_address_on_the_paper(
    unit: Unit, site: Site, outbox: Callable[[], list[SentMail]]
) -> None:
    """Rule 10."""
    enter(unit, site, email="gwen@example.org")
    assert [(mail.kind, mail.to) for mail in outbox()] == [("receipt", "gwen@example.org")]


def test_what_came_in_time_is_typed_in_after_the_closing_and_nothing_once_it_is_withdrawn(
    unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=30))
    enter(unit, site, days_ago=12)
    for status, error in (
        (ConsultationStatus.WITHDRAWN, AnswersClosedError),
        (ConsultationStatus.DRAFT, ConsultationNotFoundError),
    ):
        with unit():
            get_any_consultation("levelling-up").status = status
        with pytest.raises(error):
            enter(unit, site, days_ago=12)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"channel": Channel.WEB}, NotOnPaperError),
        ({"channel": Channel.IMPORT}, NotOnPaperError),
        ({"days_ago": -1}, NotReceivedThenError),
        ({"days_ago": 3}, NotReceivedThenError),
        ({"answers": {1: " "}}, NothingWrittenError),
        ({"naming": ANONYMOUS, "name": None, "email": "g@example.org"}, AnonymousWithEmailError),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    unit: Unit, site: Site, *, changes: dict[str, Any], error: type[EngageError]
) -> None:
    with pytest.raises(error):
        enter(unit, site, **changes)
    with unit():
        assert db.session.scalars(select(Submission)).all() == []
