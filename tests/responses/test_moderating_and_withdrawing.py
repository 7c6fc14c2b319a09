"""Deciding what is shown, taking words back, and counting what is left."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.counts import ResponseCounts, count_for_consultation, count_for_question, counts_by_question
from engage.responses.enums import Attribution, IdentityBasis, ModerationAction, Purpose, ReasonCode, ResponseStatus
from engage.responses.errors import (
    NoConsentToPublishError,
    ReasonNeededError,
    ReceiptNotFoundError,
    ResponseNotFoundError,
    TakenBackError,
)
from engage.responses.models import ModerationDecision, Response
from engage.responses.moderation_queries import moderation_queue
from engage.responses.piles import Pile
from engage.responses.queries import responses_to_question
from engage.responses.records import State, get_receipt, responses_of_person
from engage.responses.search.facets import Looked
from engage.responses.services import Naming, Sender, decide, withdraw, withdraw_own
from tests.factories import make_person
from tests.responses.makers import (
    ANONYMOUS,
    GUEST,
    answer,
    comment,
    event_about,
    open_consultation,
    publish_all,
    responses_of,
)

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
NO_PUBLICATION = frozenset({Purpose.QUOTE_REPORT})


def _decide(response: Response, action: ModerationAction, moderator: Any, **other: Any) -> Response:
    return decide(response.id, action=action, moderator=moderator.id, at=real_clock.now(), **other)


def test_without_consent_nothing_is_published(unit: Unit, site: Site) -> None:
    """I12, P14."""
    with unit():
        moderator = make_person("mo@example.org", "moderator")
        [response] = responses_of(answer(open_consultation(), site=site, consents=NO_PUBLICATION))

        with pytest.raises(NoConsentToPublishError):
            _decide(response, ModerationAction.PUBLISH, moderator)
        assert response.status is ResponseStatus.RECEIVED


def test_a_consent_that_is_gone_hides_what_was_published(unit: Unit, site: Site) -> None:
    """I12: the public list asks for the consent itself, whatever the status says."""
    with unit():
        consultation = open_consultation()
        code = answer(consultation, site=site)
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
        [response] = responses_of(code)
        question_id = consultation.questions[0].id
        assert [said.body for said in responses_to_question(question_id).items] == ["Ask the tenants."]

        for consent in response.consents:
            consent.withdrawn_at = real_clock.now()
        db.session.flush()

        assert responses_to_question(question_id).items == []
        assert count_for_question(question_id).responses == 0


def test_a_refusal_needs_a_reason_which_the_author_reads(unit: Unit, site: Site) -> None:
    with unit():
        moderator = make_person("mo@example.org", "moderator")
        code = answer(open_consultation(), site=site)
        [response] = responses_of(code)

        with pytest.raises(ReasonNeededError):
            _decide(response, ModerationAction.REFUSE, moderator)
        _decide(response, ModerationAction.REFUSE, moderator, reason_code=ReasonCode.OFF_TOPIC, note=" Try 2. ")

        [record] = get_receipt(code).responses
        assert (record.state, record.reason, record.note) == (State.REFUSED, ReasonCode.OFF_TOPIC, "Try 2.")


def test_decisions_are_added_and_the_same_one_again_changes_nothing(unit: Unit, site: Site) -> None:
    with unit():
        moderator = make_person("mo@example.org", "moderator")
        [response] = responses_of(answer(open_consultation(), site=site))
        for _ in range(2):
            _decide(response, ModerationAction.PUBLISH, moderator)
        _decide(response, ModerationAction.REFUSE, moderator, reason_code=ReasonCode.ABUSIVE)
        _decide(response, ModerationAction.PUBLISH, moderator)
        decisions = [d.action.value for d in db.session.scalars(select(ModerationDecision))]

        assert sorted(decisions) == ["publish", "publish", "refuse"]
        assert response.status is ResponseStatus.PUBLISHED


def test_a_published_answer_taken_back_leaves_its_place_and_no_words(unit: Unit, site: Site) -> None:
    """P13, rule 7."""
    with unit():
        consultation = open_consultation()
        moderator = make_person("mo@example.org", "moderator")
        code = answer(consultation, site=site, answers={1: "First.", 2: "Second."})
        publish_all(code, moderator=moderator)
        first, second = responses_of(code)

        assert withdraw(code, response_id=first.id, at=real_clock.now()) == 1

        [gone] = responses_to_question(consultation.questions[0].id).items
        assert (gone.is_gone, gone.body, gone.display_name) == (True, "", None)
        assert [said.body for said in responses_to_question(consultation.questions[1].id).items] == ["Second."]
        assert [record.body for record in get_receipt(code).responses] == ["", "Second."]
        assert all(consent.withdrawn_at for consent in first.consents if consent.granted)
        assert not first.allows(Purpose.QUOTE_REPORT)
        assert second.allows(Purpose.QUOTE_REPORT)


def test_what_was_never_public_leaves_no_place(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        withdraw(answer(consultation, site=site), at=real_clock.now())

        assert responses_to_question(consultation.questions[0].id).items == []
        assert count_for_consultation(consultation.id) == ResponseCounts(withdrawn=1)


def test_taking_back_a_second_time_changes_nothing(unit: Unit, site: Site, clock: time_machine.Traveller) -> None:
    with unit():
        code = answer(open_consultation(), site=site)
        assert withdraw(code, at=real_clock.now()) == 1
        [response] = responses_of(code)
        moments = [consent.withdrawn_at for consent in response.consents]
        clock.shift(timedelta(hours=1))

        assert withdraw(code, at=real_clock.now()) == 0
        assert [consent.withdrawn_at for consent in response.consents] == moments


def test_nothing_is_decided_on_words_that_were_taken_back(unit: Unit, site: Site) -> None:
    with unit():
        moderator = make_person("mo@example.org", "moderator")
        code = answer(open_consultation(), site=site)
        withdraw(code, at=real_clock.now())
        [response] = responses_of(code)

        for action in ModerationAction:
            with pytest.raises(TakenBackError):
                _decide(response, action, moderator, reason_code=ReasonCode.OTHER)


def test_an_anonymous_withdrawal_holds_the_day_alone(unit: Unit, site: Site, clock: time_machine.Traveller) -> None:
    """P4, S36."""
    clock.move_to(datetime(2026, 9, 3, 17, 5, tzinfo=UTC))
    with unit():
        code = answer(open_consultation(), site=site, naming=ANONYMOUS)
        withdraw(code, at=real_clock.now())
        [response] = responses_of(code)
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "web:response:withdraw")).one()

        assert {c.withdrawn_at for c in response.consents if c.granted} == {datetime(2026, 9, 3, tzinfo=UTC)}
        assert (entry.at, entry.actor) == (datetime(2026, 9, 3, tzinfo=UTC), None)
        assert str(response.id) not in entry.object


def test_a_code_that_nobody_has_opens_nothing(unit: Unit, site: Site) -> None:
    with unit():
        code = answer(open_consultation(), site=site)
        other = answer(open_consultation("another"), site=site)

        with pytest.raises(ReceiptNotFoundError):
            withdraw("forged", at=real_clock.now())
        with pytest.raises(ResponseNotFoundError):
            withdraw(code, response_id=responses_of(other)[0].id, at=real_clock.now())


def test_a_member_sees_and_takes_back_their_own_and_nobody_elses(unit: Unit, site: Site) -> None:
    """S21."""
    with unit():
        consultation = open_consultation()
        dev, mo = make_person(), make_person("mo@example.org", "moderator")
        sender = Sender(IdentityBasis.MEMBER, dev.id, dev.name, dev.email)
        [response] = responses_of(answer(consultation, site=site, sender=sender))
        answer(consultation, site=site, sender=sender, naming=ANONYMOUS)

        assert [record.id for record in responses_of_person(dev.id)] == [response.id]
        assert responses_of_person(mo.id) == []
        with pytest.raises(ResponseNotFoundError):
            withdraw_own(mo.id, response.id, at=real_clock.now())
        assert withdraw_own(dev.id, response.id, at=real_clock.now()) == 1
        assert [record.state for record in responses_of_person(dev.id)] == [State.WITHDRAWN]


def test_counts_name_their_units_and_what_they_leave_out(unit: Unit, site: Site) -> None:
    """Rule 2: responses by kind, respondents, each anonymous sitting as one, and the rest apart."""
    with unit():
        consultation = open_consultation()
        event = event_about(consultation)
        moderator = make_person("mo@example.org", "moderator")
        dev = Sender(IdentityBasis.MEMBER, make_person().id, "Dev", "dev@example.org")
        for sender, naming, answers in (
            (dev, Naming(Attribution.NAMED, "Dev"), {1: "a", 2: "b"}),
            (dev, Naming(Attribution.PSEUDONYM, "Heron"), {1: "c"}),
            (GUEST, ANONYMOUS, {1: "d", 2: "e"}),
            (GUEST, ANONYMOUS, {1: "f"}),
        ):
            publish_all(
                answer(consultation, site=site, sender=sender, naming=naming, answers=answers), moderator=moderator
            )
        publish_all(
            comment(event, site=site, question_id=consultation.questions[0].id, naming=ANONYMOUS), moderator=moderator
        )
        answer(consultation, site=site)
        answer(consultation, site=site, consents=NO_PUBLICATION)
        [refused] = responses_of(answer(consultation, site=site))
        _decide(refused, ModerationAction.REFUSE, moderator, reason_code=ReasonCode.SPAM)
        withdraw(answer(consultation, site=site), at=real_clock.now())

        counts = count_for_consultation(consultation.id)

        assert counts == ResponseCounts(
            answers=6, comments=1, respondents=4, waiting=1, unpublishable=1, refused=1, withdrawn=1
        )
        assert (counts.responses, counts.not_shown) == (7, 3)
        by_question = counts_by_question(consultation.id)
        assert [by_question[q.id].responses for q in consultation.questions[:2]] == [5, 2]
        today = real_clock.now().date()
        assert count_for_consultation(consultation.id, before=today).not_shown == 1  # only what was decided


def test_lists_go_by_day_and_then_by_a_random_id(unit: Unit, site: Site) -> None:
    """P4: within a day nothing tells who came first."""
    with unit():
        consultation = open_consultation()
        moderator = make_person("mo@example.org", "moderator")
        now = real_clock.now()
        for hours in (30, 2, 1, 0, 28, 3):
            code = answer(consultation, site=site, naming=ANONYMOUS, at=now - timedelta(hours=hours))
            publish_all(code, moderator=moderator)
        said = responses_to_question(consultation.questions[0].id).items

        assert [(r.received_on, r.id) for r in said] == sorted(
            ((r.received_on, r.id) for r in said), key=lambda pair: (-pair[0].toordinal(), pair[1].hex)
        )


def test_a_long_list_comes_in_pages_of_twenty(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        moderator = make_person("mo@example.org", "moderator")
        for _ in range(21):
            publish_all(answer(consultation, site=site, naming=ANONYMOUS), moderator=moderator)
        question_id = consultation.questions[0].id
        first, second = (responses_to_question(question_id, page=page) for page in (1, 2))

        assert (len(first.items), len(second.items), first.last, first.total) == (20, 1, 2, 21)
        assert {r.id for r in first.items}.isdisjoint(r.id for r in second.items)
        assert responses_to_question(question_id, page=99).number == 2


def test_the_queue_tells_apart_what_waits_and_what_may_not_be_published(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        event = event_about(consultation)
        answer(consultation, site=site, answers={1: "Publish me."})
        answer(consultation, site=site, answers={1: "Count me."}, consents=NO_PUBLICATION)
        comment(event, site=site, body="Comment.")
        event_id, consultation_id = event.id, consultation.id

    with unit():
        assert {r.record.body for r in moderation_queue().items} == {"Publish me.", "Comment."}
        assert [r.record.body for r in moderation_queue(Pile.UNPUBLISHABLE).items] == ["Count me."]
        assert [r.record.body for r in moderation_queue(looked=Looked(event_id=event_id)).items] == ["Comment."]
        narrowed = Looked(consultation_id=consultation_id)
        assert [r.record.body for r in moderation_queue(looked=narrowed).items] == ["Publish me."]
