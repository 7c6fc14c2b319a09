"""Readers' flags: nothing is known of who flags, and only a rule acts before a moderator does."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.consultations.hold_rules import HoldRules
from engage.consultations.models import Consultation
from engage.kernel import clock as real_clock
from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key
from engage.responses.enums import FlagReason, HoldReason, ModerationAction, ReasonCode, ResponseStatus
from engage.responses.errors import ResponseNotFoundError
from engage.responses.models import Flag, Response
from engage.responses.moderation_queries import moderation_queue, queue_item
from engage.responses.piles import Pile
from engage.responses.queries import responses_to_question
from engage.responses.services import decide
from engage.responses.services.flags import flag
from tests.factories import make_person
from tests.responses.makers import answer, open_consultation, publish_all, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]


def _published(site: Site, rules: HoldRules | None = None) -> tuple[Consultation, Response]:
    consultation = open_consultation()
    consultation.hold_rules = rules.stored() if rules else None
    code = answer(consultation, site=site)
    publish_all(code, moderator=make_person("mo@example.org", "moderator"))
    return consultation, responses_of(code)[0]


def _flag(response: Response, site: Site, *, key: str = "", note: str = "") -> None:
    at = real_clock.now()
    key = key or new_submission_key(site.link_secrets, at)
    flag(response.id, reason=FlagReason.OFFENSIVE, note=note, key=key, at=at)


def test_a_flag_brings_it_before_a_moderator_and_takes_nothing_off(unit: Unit, site: Site) -> None:
    with unit():
        consultation, response = _published(site)
        for _ in range(3):
            _flag(response, site, note=" Look at the\x00 end. ")

        assert responses_to_question(consultation.questions[0].id).total == 1
        [item] = moderation_queue(Pile.FLAGGED).items
        assert item.flags == [(FlagReason.OFFENSIVE, "Look at the end.")] * 3
        assert moderation_queue().items == []


def test_the_same_form_twice_is_one_flag(unit: Unit, site: Site) -> None:
    """R8."""
    with unit():
        _, response = _published(site)
        key = new_submission_key(site.link_secrets, real_clock.now())
        for _ in range(2):
            _flag(response, site, key=key)
        assert len(db.session.scalars(select(Flag)).all()) == 1


def test_of_the_reader_there_is_the_day_alone(unit: Unit, site: Site) -> None:
    """P4, P5."""
    with unit():
        _, response = _published(site)
        _flag(response, site)
        [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "web:response:flag"))
        assert (entry.actor, entry.request_id, entry.at) == (None, None, start_of_day(real_clock.now()))


def test_the_rule_holds_it_at_its_number_of_flags_and_a_moderators_word_settles_them(unit: Unit, site: Site) -> None:
    with unit():
        consultation, response = _published(site, HoldRules(flags=2))
        _flag(response, site)
        assert response.status is ResponseStatus.PUBLISHED
        _flag(response, site)
        assert (response.status, response.held_for) == (ResponseStatus.HELD, HoldReason.FLAGGED)
        assert responses_to_question(consultation.questions[0].id).total == 0
        with pytest.raises(ResponseNotFoundError):
            _flag(response, site)

        mo = make_person("mia@example.org", "moderator")
        decide(response.id, action=ModerationAction.PUBLISH, moderator=mo.id, at=real_clock.now())
        assert queue_item(response.id).flags == []
        for _ in range(3):  # whoever does not like the decision brings it before a moderator again, and no more
            _flag(response, site)
        assert response.status is ResponseStatus.PUBLISHED
        assert [item.record.id for item in moderation_queue(Pile.FLAGGED).items] == [response.id]


def test_that_something_stays_published_is_a_decision_of_its_own_where_it_was_flagged(unit: Unit, site: Site) -> None:
    with unit():
        _, response = _published(site)
        _flag(response, site)
        mo = make_person("mia@example.org", "moderator")
        decide(response.id, action=ModerationAction.PUBLISH, moderator=mo.id, at=real_clock.now())
        assert moderation_queue(Pile.FLAGGED).items == []
        assert response.status is ResponseStatus.PUBLISHED


def test_what_nobody_may_read_cannot_be_flagged(unit: Unit, site: Site) -> None:
    """S48: the answer is the same as for what does not exist."""
    with unit():
        _, response = _published(site)
        mo = make_person("mia@example.org", "moderator")
        reason = ReasonCode.OTHER
        decide(response.id, action=ModerationAction.REFUSE, reason_code=reason, moderator=mo.id, at=real_clock.now())
        with pytest.raises(ResponseNotFoundError):
            _flag(response, site)
        [other] = responses_of(answer(open_consultation("other"), site=site))
        with pytest.raises(ResponseNotFoundError):
            _flag(other, site)
        assert db.session.scalars(select(Flag)).all() == []
