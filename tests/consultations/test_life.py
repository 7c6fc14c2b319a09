"""A consultation from draft to closing: what each step needs, what people then find, what is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.consultations.enums import ConsultationPhase, ConsultationStatus, ModerationMode
from engage.consultations.errors import (
    AddressShapeError,
    AddressTakenError,
    ClosesBeforeOpeningError,
    ClosesInThePastError,
    ContactError,
    DatesFixedError,
    HoldRulesMissingError,
    LateBeforeClosingError,
    NoQuestionsError,
    NotADraftError,
    NotClosedYetError,
    NotOpenedYetError,
    NotOpenError,
    StaleConsultationError,
    TitleMissingError,
    WithdrawnError,
)
from engage.consultations.hold_rules import HoldRules
from engage.consultations.queries import late_token, may_answer_late
from engage.consultations.services import (
    ConsultationDetails,
    Times,
    analyse_consultation,
    answer_consultation,
    change_consultation,
    close_consultation,
    draft_consultation,
    end_late_answers,
    move_closing,
    open_consultation,
    take_late_answers,
    withdraw_consultation,
)
from engage.kernel.errors import EngageError
from engage.kernel.when import AmbiguousTimeError, GapTimeError, WallTime
from tests.consultations.makers import AT, DETAILS, TIMES, ZONE, draft, opened

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
OPENS, CLOSES = datetime(2026, 9, 7, 8, tzinfo=UTC), datetime(2026, 10, 5, 16, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = WallTime(date(2026, 10, 12), time(17))


def test_a_draft_is_announced_opens_and_closes_by_its_times(unit: Unit) -> None:
    with unit():
        consultation = draft()
        phases = [consultation.phase(CLOSES)]
        open_consultation(consultation.id, at=AT, actor=None)
        phases += [consultation.phase(at) for at in (OPENS - MINUTE, OPENS, CLOSES - MINUTE, CLOSES)]

        assert (consultation.opens_at, consultation.closes_at) == (OPENS, CLOSES)
        assert phases == ["draft", "coming", "open", "open", "closed"]
        assert [consultation.is_open(at) for at in (OPENS - MINUTE, OPENS, CLOSES)] == [False, True, False]


def test_what_is_opened_after_its_time_opens_now(unit: Unit) -> None:
    with unit():
        consultation = opened(at=OPENS + timedelta(days=1))

        assert consultation.opens_at == OPENS + timedelta(days=1)


def test_only_a_draft_with_questions_and_a_closing_to_come_is_opened(unit: Unit) -> None:
    with unit():
        empty = draft_consultation(DETAILS, TIMES, slug="empty", at=AT, actor=None)
        with pytest.raises(NoQuestionsError):
            open_consultation(empty.id, at=AT, actor=None)
        late = draft()
        with pytest.raises(ClosesInThePastError):
            open_consultation(late.id, at=CLOSES, actor=None)
        open_consultation(late.id, at=AT, actor=None)
        with pytest.raises(NotADraftError):
            open_consultation(late.id, at=AT, actor=None)


def test_each_refusal_of_what_is_given_has_its_sentence(unit: Unit) -> None:
    hold = replace(DETAILS, moderation_mode=ModerationMode.HOLD)
    backwards = Times(TIMES.closes, TIMES.opens, ZONE)
    gap = Times(WallTime(date(2027, 3, 28), time(1, 30)), WallTime(date(2027, 4, 28), time(9)), ZONE)
    cases: list[tuple[ConsultationDetails, Times, str | None, type[EngageError]]] = [
        (replace(DETAILS, title=" "), TIMES, None, TitleMissingError),
        (replace(DETAILS, contact_email="nobody"), TIMES, None, ContactError),
        (hold, TIMES, None, HoldRulesMissingError),
        (DETAILS, backwards, None, ClosesBeforeOpeningError),
        (DETAILS, gap, None, GapTimeError),
        (DETAILS, TIMES, "River plans", AddressShapeError),
        (DETAILS, TIMES, "new", AddressShapeError),
        (DETAILS, TIMES, "river-plans", AddressTakenError),
    ]
    with unit():
        draft()
        for details, times, slug, refusal in cases:
            with pytest.raises(refusal):
                draft_consultation(details, times, slug=slug, at=AT, actor=None)
        held = replace(hold, hold_rules=HoldRules(links=True, words=("casino",)))
        made = draft_consultation(held, TIMES, slug=None, at=AT, actor=None)

        assert made.slug == "river-plans-2"
        assert made.hold_rules == {"first": False, "links": True, "words": ["casino"], "flags": 0}


def test_an_hour_that_comes_twice_is_asked_for_and_one_that_does_not_exist_refused(unit: Unit) -> None:
    """R19: 1:30 on 25 October 2026 is both 00:30 and 01:30 UTC; 1:30 on 28 March 2027 is none."""
    twice, never = WallTime(date(2026, 10, 25), time(1, 30)), WallTime(date(2027, 3, 28), time(1, 30))
    with unit():
        consultation, over = opened(), opened("over-plans")
        for wall, refusal in ((twice, AmbiguousTimeError), (never, GapTimeError)):
            with pytest.raises(refusal):
                draft_consultation(DETAILS, Times(wall, LATER, ZONE), slug=None, at=AT, actor=None)
            with pytest.raises(refusal):
                move_closing(consultation.id, wall, timezone=ZONE, at=OPENS, actor=None)
            with pytest.raises(refusal):
                take_late_answers(over.id, wall, timezone=ZONE, at=CLOSES, actor=None)
        assert consultation.closes_at == CLOSES
        for fold in (0, 1):
            asked = replace(twice, fold=fold)
            instant = datetime(2026, 10, 25, fold, 30, tzinfo=UTC)
            assert move_closing(consultation.id, asked, timezone=ZONE, at=OPENS, actor=None).closes_at == instant
            assert take_late_answers(over.id, asked, timezone=ZONE, at=CLOSES, actor=None).late_until == instant


def test_after_the_closing_it_is_worked_through_and_answered_and_may_go_back(unit: Unit, app: Flask) -> None:
    site, after = app.extensions["engage"].site(), CLOSES + timedelta(hours=1)
    with unit() as session:
        consultation = opened()
        for early in (AT, OPENS):
            with pytest.raises(NotClosedYetError):
                analyse_consultation(consultation.id, at=early, actor=None)
        take_late_answers(consultation.id, LATER, timezone=ZONE, at=after, actor=None)
        token = late_token(consultation, site)
        phases = []
        for act in (analyse_consultation, analyse_consultation, answer_consultation, analyse_consultation):
            phases.append(act(consultation.id, at=after, actor=None).phase(after))
        assert phases == ["analysing", "analysing", "answered", "analysing"]
        assert not may_answer_late(consultation, token, site=site, at=after), "late answers ended"
        take_late_answers(consultation.id, LATER, timezone=ZONE, at=after, actor=None)
        assert consultation.phase(after) is ConsultationPhase.LATE
        answer_consultation(consultation.id, at=after, actor=None)
        move_closing(consultation.id, LATER, timezone=ZONE, at=after, actor=None)
        assert consultation.is_open(after)
        withdraw_consultation(consultation.id, at=after, actor=None)
        with pytest.raises(WithdrawnError):
            answer_consultation(consultation.id, at=after, actor=None)
        acts = list(session.scalars(select(AuditEntry.act)))

    assert acts.count("organiser:consultation:analysing") == 2
    assert acts.count("organiser:consultation:answered") == 2


def test_a_stale_save_changes_nothing_and_times_stay_once_it_has_opened(unit: Unit) -> None:
    """R11."""
    other = replace(DETAILS, title="River plans, again")
    with unit():
        consultation = opened()
        seen = consultation.version
        assert change_consultation(consultation.id, other, TIMES, version=seen, at=AT, actor=None)
        with pytest.raises(StaleConsultationError):
            change_consultation(consultation.id, DETAILS, None, version=seen, at=AT, actor=None)
        assert consultation.title == "River plans, again"
        assert not change_consultation(consultation.id, other, None, version=seen + 1, at=AT, actor=None)
        with pytest.raises(DatesFixedError):
            change_consultation(consultation.id, other, TIMES, version=seen + 1, at=OPENS, actor=None)


def test_it_is_extended_closed_and_open_again_when_its_closing_moves(unit: Unit) -> None:
    at = OPENS + timedelta(days=1)
    with unit() as session:
        consultation = opened()
        move_closing(consultation.id, LATER, timezone=ZONE, at=at, actor=None)
        assert consultation.is_open(CLOSES)
        close_consultation(consultation.id, at=at, actor=None)
        assert (consultation.phase(at), consultation.closes_at) == (ConsultationPhase.CLOSED, at)
        with pytest.raises(NotOpenError):
            close_consultation(consultation.id, at=at, actor=None)
        move_closing(consultation.id, LATER, timezone=ZONE, at=at, actor=None)
        assert consultation.is_open(CLOSES)
        with pytest.raises(ClosesInThePastError):
            move_closing(consultation.id, TIMES.opens, timezone=ZONE, at=at, actor=None)
        acts = set(session.scalars(select(AuditEntry.act)))

    assert {f"organiser:consultation:{act}" for act in ("create", "open", "extend", "close")} <= acts


def test_late_answers_are_taken_by_the_link_alone_until_their_day_and_a_link_that_ended_stays_shut(
    unit: Unit, app: Flask
) -> None:
    site = app.extensions["engage"].site()
    after = CLOSES + timedelta(hours=1)
    with unit():
        consultation, other = opened(), opened("other-plans")
        with pytest.raises(NotOpenedYetError):
            take_late_answers(consultation.id, LATER, timezone=ZONE, at=OPENS, actor=None)
        with pytest.raises(LateBeforeClosingError):
            take_late_answers(consultation.id, TIMES.closes, timezone=ZONE, at=after, actor=None)
        token = late_token(consultation, site)
        assert not may_answer_late(consultation, token, site=site, at=after)
        take_late_answers(consultation.id, LATER, timezone=ZONE, at=after, actor=None)

        assert consultation.phase(after) is ConsultationPhase.LATE
        assert not consultation.is_open(after)
        assert may_answer_late(consultation, token, site=site, at=after)
        assert not may_answer_late(consultation, late_token(other, site), site=site, at=after)
        assert not may_answer_late(consultation, "A" * 48, site=site, at=after)
        assert not may_answer_late(consultation, token, site=site, at=after + timedelta(days=8))

        end_late_answers(consultation.id, at=after, actor=None)
        take_late_answers(consultation.id, LATER, timezone=ZONE, at=after, actor=None)
        assert not may_answer_late(consultation, token, site=site, at=after)


def test_what_is_withdrawn_stays_so_and_a_draft_is_not_withdrawn(unit: Unit) -> None:
    with unit():
        consultation = opened()
        for _ in range(2):
            withdraw_consultation(consultation.id, at=OPENS, actor=None)
        assert (consultation.status, consultation.is_open(OPENS)) == (ConsultationStatus.WITHDRAWN, False)
        with pytest.raises(WithdrawnError):
            move_closing(consultation.id, LATER, timezone=ZONE, at=OPENS, actor=None)
        with pytest.raises(WithdrawnError):
            change_consultation(consultation.id, DETAILS, None, version=consultation.version, at=OPENS, actor=None)
        with pytest.raises(NotOpenError):
            withdraw_consultation(draft("other-plans").id, at=OPENS, actor=None)
