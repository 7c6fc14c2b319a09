"""Full text over responses, on both databases: what is found, by what, and what is gone from the index."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from engage.consultations.models import Consultation
from engage.kernel import clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.consents import every_wording
from engage.responses.enums import Channel, FlagReason, ModerationAction, Purpose, ReasonCode, ResponseKind
from engage.responses.models import Response, ResponseSearch
from engage.responses.records import State
from engage.responses.search.facets import Looked, Medium
from engage.responses.search.index import find_responses, index_some
from engage.responses.search.words import terms_of
from engage.responses.services import Answer, decide
from engage.responses.services.consenting import change_consents
from engage.responses.services.editing import edit
from engage.responses.services.flags import flag
from engage.responses.services.moderating import Verdict, decide_and_tell
from engage.responses.services.owning import Owner
from engage.responses.services.withdrawing import withdraw
from engage.responses.spam.arrivals import Arrival
from tests.factories import make_person
from tests.responses.makers import (
    ANONYMOUS,
    answer,
    ask_everything,
    comment,
    event_about,
    open_consultation,
    responses_of,
)

Unit = Callable[[], AbstractContextManager[Session]]
WORDS = "Ask the tenants of Tŷ Coch first, then the council."


def found(typed: str = "", looked: Looked | None = None, **more: object) -> list[str]:
    """Return the words of what is found, in the order in which it is."""
    ids = find_responses(terms_of(typed), looked or Looked(), **more)  # type: ignore[arg-type]
    bodies = {row.id: row.body for row in db.session.execute(select(Response.id, Response.body))}
    return [bodies[id_] for id_ in ids]


@pytest.mark.parametrize(
    "typed",
    [
        "tenants",
        "TENANTS",
        "ty coch",
        '"tŷ coch"',
        "council tenants",
        "ten*",
        '"the council"',
        "first, then",
        "coun* ask",
    ],
)
def test_an_answer_is_found_by_its_words(unit: Unit, site: Site, typed: str) -> None:
    with unit():
        answer(open_consultation(), site=site, answers={1: WORDS, 2: "Something else altogether."})
    with unit():
        assert found(typed) == [WORDS]


@pytest.mark.parametrize(
    "typed", ["tenant", '"tenants council"', "tenants -ask trams", "te*", "", "*", "facets", "swaiting"]
)
def test_it_is_not_found_by_other_words_nor_by_what_the_index_says_of_it(unit: Unit, site: Site, typed: str) -> None:
    with unit():
        answer(open_consultation(), site=site, answers={1: WORDS})
    with unit():
        assert found(typed) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_words_are_an_error_neither_kept_nor_looked_for(unit: Unit, site: Site, typed: str) -> None:
    """S5, S24."""
    with unit() as session:
        consultation = session.scalar(select(Consultation)) or open_consultation()
        answer(consultation, site=site, answers={1: f"Said: {typed}"})
        session.flush()
    with unit():
        found(typed)


def test_the_newest_day_comes_first_and_a_list_may_be_bounded(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        for days_ago in (1, 0, 2):
            at = clock.now() - timedelta(days=days_ago)
            answer(consultation, site=site, answers={1: f"Day {days_ago} ago."}, at=at)
    today = clock.now().date()
    with unit():
        assert found("day") == ["Day 0 ago.", "Day 1 ago.", "Day 2 ago."]
        assert found("day", most=2) == ["Day 0 ago.", "Day 1 ago."]
        assert found("day", oldest_first=True, most=1) == ["Day 2 ago."]
        assert found("day", Looked(since=today - timedelta(days=1), until=today - timedelta(days=1))) == ["Day 1 ago."]
        assert found("day", Looked(until=today - timedelta(days=2))) == ["Day 2 ago."]
        assert found("day", Looked(until=date(1969, 1, 1))) == []


def test_the_index_tells_no_order_within_a_day(unit: Unit, site: Site) -> None:
    """P4: numbers are random within the day, so that forty of them stand in the order of their coming never."""
    with unit():
        consultation = open_consultation()
        for number in range(40):
            answer(consultation, site=site, answers={1: f"Number {number:02}"}, naming=ANONYMOUS)
    with unit():
        assert len(found("number")) == 40
        assert found("number") != sorted(found("number"))
        assert found("number") != sorted(found("number"), reverse=True)


def test_facets_narrow_what_is_found(unit: Unit, site: Site) -> None:
    with unit():
        consultation, other = open_consultation(), open_consultation("another")
        event = event_about(consultation)
        answer(consultation, site=site, answers={1: "word one", 2: "word two"})
        answer(other, site=site, answers={1: "word three"}, consents=frozenset({Purpose.QUOTE_REPORT}))
        comment(event, site=site, body="word four", question_id=consultation.questions[0].id)
        first, second = (question.id for question in consultation.questions[:2])
        ids = {"consultation": consultation.id, "event": event.id}
    cases = [
        (Looked(consultation_id=ids["consultation"]), {"word one", "word two", "word four"}),
        (Looked(questions=frozenset({first})), {"word one", "word four"}),
        (Looked(questions=frozenset({first, second})), {"word one", "word two", "word four"}),
        (Looked(questions=frozenset()), set()),
        (Looked(event_id=ids["event"]), {"word four"}),
        (Looked(kind=ResponseKind.COMMENT), {"word four"}),
        (Looked(channel=Channel.EVENT), {"word four"}),
        (Looked(channel=Channel.POST), set()),
        (Looked(medium=Medium.TEXT, kind=ResponseKind.ANSWER), {"word one", "word two", "word three"}),
        (Looked(medium=Medium.AUDIO), set()),
        (Looked(language="en", questions=frozenset({second})), {"word two"}),
        (Looked(language="cy"), set()),
        (Looked(states=frozenset({State.UNPUBLISHABLE})), {"word three"}),
        (Looked(states=frozenset({State.WAITING, State.HELD})), {"word one", "word two", "word four"}),
        (Looked(is_flagged=True), set()),
    ]
    with unit():
        for looked, expected in cases:
            assert set(found("word", looked)) == expected, looked
            if looked.facets():
                assert set(found("", looked)) == expected, looked


def test_words_beside_other_are_found(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        options = ask_everything(consultation)
        chosen = Answer(options=frozenset({options["Other"].id}), other="Hovercraft")
        answer(consultation, site=site, answers={2: chosen, 5: "Yes."})
    with unit():
        assert len(find_responses(terms_of("hovercraft"), Looked())) == 1


def test_the_index_follows_every_decision(unit: Unit, site: Site) -> None:
    """The state of the index is that of the store after each change, without anybody saying so."""
    with unit():
        moderator = make_person("mo@example.org").id
        code = answer(open_consultation(), site=site, answers={1: WORDS})
        [response_id] = [each.id for each in responses_of(code)]

    def standing() -> set[State]:
        with unit():
            return {each for each in State if found("tenants", Looked(states=frozenset({each})))}

    assert standing() == {State.WAITING}
    for action, state in (
        (ModerationAction.PUBLISH, State.PUBLISHED),
        (ModerationAction.HOLD, State.HELD),
        (ModerationAction.PUBLISH, State.PUBLISHED),
    ):
        with unit():
            decide(response_id, action=action, moderator=moderator, at=clock.now())
        assert standing() == {state}
    with unit():
        flag(response_id, reason=FlagReason.OTHER, note="", key=str(uuid.uuid4()), at=clock.now())
    with unit():
        assert found("tenants", Looked(is_flagged=True)) == [WORDS]
        decide(response_id, action=ModerationAction.PUBLISH, moderator=moderator, at=clock.now())
    with unit():
        assert found("tenants", Looked(is_flagged=True)) == []
        change_consents(
            Owner(code=code), response_id, granted=frozenset(), wordings=every_wording(), language="en", at=clock.now()
        )
    assert standing() == {State.UNPUBLISHABLE}


def test_redacted_words_are_gone_from_the_index_and_come_back_when_restored(unit: Unit, site: Site) -> None:
    """P11, P17."""
    with unit():
        moderator = make_person("mo@example.org").id
        [response] = responses_of(answer(open_consultation(), site=site, answers={1: WORDS}))
        response_id = response.id
    verdict = Verdict(ModerationAction.REDACT, ReasonCode.NAMES_SOMEBODY, body="Ask the tenants […] first.")
    with unit():
        decide_and_tell(response_id, verdict, moderator=moderator, site=site, at=clock.now())
    with unit():
        assert (found("coch"), len(found("tenants"))) == ([], 1)
        decide_and_tell(
            response_id,
            replace(verdict, action=ModerationAction.RESTORE),
            moderator=moderator,
            site=site,
            at=clock.now(),
        )
    with unit():
        assert found("coch") == [WORDS]


def test_edited_words_replace_those_before(unit: Unit, site: Site) -> None:
    with unit():
        code = answer(open_consultation(), site=site, answers={1: WORDS})
        [response] = responses_of(code)
        how: dict[str, Any] = {"began": 0, "arrival": Arrival(), "site": site, "at": clock.now()}
        edit(Owner(code=code), response.id, body="Ask nobody.", **how)
    with unit():
        assert (found("tenants"), found("nobody")) == ([], ["Ask nobody."])


def test_what_is_taken_back_or_deleted_is_in_the_index_no_more(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        code = answer(consultation, site=site, answers={1: WORDS})
        [kept] = responses_of(answer(consultation, site=site, answers={1: "The tenants of Bute Street."}))
        kept_id = kept.id
    with unit():
        withdraw(code, at=clock.now())
    with unit() as session:
        assert found("tenants") == ["The tenants of Bute Street."]
        session.execute(delete(Response).where(Response.id == kept_id))
    with unit() as session:
        assert find_responses(terms_of("tenants"), Looked()) == []
        assert session.scalar(select(func.count()).select_from(ResponseSearch)) == 0


def test_what_did_not_happen_is_not_in_the_index(unit: Unit, site: Site) -> None:
    with unit():
        consultation_id = open_consultation().id

    def answer_and_fail() -> None:
        with unit() as session:
            answer(session.get_one(Consultation, consultation_id), site=site, answers={1: WORDS})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        answer_and_fail()
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(ResponseSearch)) == 0


def test_an_index_that_was_lost_is_made_again_in_batches(
    unit: Unit, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engage.responses.search.index.BATCH", 2)
    with unit() as session:
        consultation = open_consultation()
        withdrawn = answer(consultation, site=site, answers={1: "Number none"})
        for number in range(5):
            answer(consultation, site=site, answers={1: f"Number {number}"})
        session.flush()
        withdraw(withdrawn, at=clock.now())
    with unit() as session:
        session.execute(text("DELETE FROM response_search"))
    with unit():
        assert found("number") == []
        after, turns = index_some(None), 1
        while after is not None:
            after, turns = index_some(after), turns + 1
    with unit():
        assert (len(found("number")), turns) == (5, 4)
