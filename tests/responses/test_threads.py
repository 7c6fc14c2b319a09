"""Threads: three replies deep at most, under what everybody can read, with a place kept for what was taken back."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.events.models import Event
from engage.kernel.settings import Site
from engage.responses.counts import COMMENTS, count_for_event
from engage.responses.enums import ModerationAction, ReasonCode, ResponseKind
from engage.responses.errors import (
    NothingToReplyToError,
    ResponseNotFoundError,
    TooDeepError,
)
from engage.responses.models import Response
from engage.responses.queries import (
    PAGE_LENGTH,
    PublicResponse,
    comments_on_event,
    get_shown,
    get_thread,
    latest_public,
    responses_to_question,
)
from engage.responses.services import decide, withdraw
from tests.conftest import TEST_BEGINS
from tests.factories import make_person
from tests.responses.makers import ANONYMOUS, answer, comment, event_about, open_consultation, publish_all, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def moderator(unit: Unit) -> Person:
    """Somebody who publishes."""
    with unit() as session:
        person = make_person("mo@example.org", "moderator")
        session.expunge(person)
        return person


def _say(event: Event, body: str, under: Response | None = None, *, site: Site, moderator: Person) -> Response:
    """Store and publish a comment, or a reply to one."""
    code = comment(event, site=site, body=body, parent_id=under.id if under else None)
    publish_all(code, moderator=moderator)
    return responses_of(code)[0]


def _drawn(thread: PublicResponse) -> list[tuple[int, str]]:
    """Return the lines of a thread as they are read: how deep, and what."""
    return [(each.depth, each.body or ("gone" if each.is_gone else "hidden")) for each in thread.thread()]


def test_replies_stand_under_their_root_three_deep(unit: Unit, site: Site, moderator: Person) -> None:
    with unit():
        consultation = open_consultation()
        event = event_about(consultation)
        code = comment(event, site=site, body="Root.", question_id=consultation.questions[0].id)
        publish_all(code, moderator=moderator)
        last = root = responses_of(code)[0]
        for depth in range(1, 4):
            last = _say(event, f"Depth {depth}.", last, site=site, moderator=moderator)
            assert (last.kind, last.depth, last.root_id) == (ResponseKind.REPLY, depth, root.id)
            assert last.question_id == consultation.questions[0].id
            assert last.consultation_id == consultation.id

        [thread] = comments_on_event(event.id).items
        [same] = responses_to_question(consultation.questions[0].id, kinds=COMMENTS).items

        assert _drawn(thread) == [(0, "Root."), (1, "Depth 1."), (2, "Depth 2."), (3, "Depth 3.")]
        assert _drawn(same) == _drawn(thread)
        assert count_for_event(event.id).comments == 4
        with pytest.raises(TooDeepError):
            comment(event, site=site, parent_id=last.id)


def test_pages_count_threads_and_never_part_one(unit: Unit, site: Site, moderator: Person) -> None:
    with unit():
        event = event_about()
        for number in range(PAGE_LENGTH + 1):
            root = _say(event, f"Comment {number}.", site=site, moderator=moderator)
            _say(event, f"Reply {number}.", root, site=site, moderator=moderator)

        first, second = comments_on_event(event.id), comments_on_event(event.id, page=2)

        assert (first.total, first.last, len(first.items), len(second.items)) == (PAGE_LENGTH + 1, 2, PAGE_LENGTH, 1)
        for thread in (*first.items, *second.items):
            assert [reply.body for reply in thread.replies] == [thread.body.replace("Comment", "Reply")]


@pytest.mark.parametrize("which", [0, 1])
def test_what_was_taken_back_keeps_its_place_over_its_replies(
    unit: Unit, site: Site, moderator: Person, which: int
) -> None:
    """Rule 7, P13: the words are gone at once, the replies to them stay where they were."""
    with unit():
        event = event_about()
        codes = [comment(event, site=site, body="Root.")]
        publish_all(codes[0], moderator=moderator)
        codes.append(comment(event, site=site, body="Middle.", parent_id=responses_of(codes[0])[0].id))
        publish_all(codes[1], moderator=moderator)
        leaf = _say(event, "Leaf.", responses_of(codes[1])[0], site=site, moderator=moderator)

        withdraw(codes[which], at=TEST_BEGINS)
        [thread] = comments_on_event(event.id).items

        lines = [(0, "Root."), (1, "Middle."), (2, "Leaf.")]
        lines[which] = (which, "gone")
        assert _drawn(thread) == lines
        assert _drawn(get_thread(leaf.id)) == lines
        assert all(each.display_name is None for each in thread.thread() if each.is_gone)


def test_a_comment_that_is_taken_down_hides_its_words_and_not_what_others_said(
    unit: Unit, site: Site, moderator: Person
) -> None:
    """S48."""
    with unit():
        event = event_about()
        root = _say(event, "Root.", site=site, moderator=moderator)
        alone = _say(event, "Alone.", site=site, moderator=moderator)
        _say(event, "Leaf.", root, site=site, moderator=moderator)
        for each in (root, alone):
            decide(
                each.id,
                action=ModerationAction.REFUSE,
                reason_code=ReasonCode.ABUSIVE,
                moderator=moderator.id,
                at=TEST_BEGINS,
            )

        [thread] = comments_on_event(event.id).items

        assert _drawn(thread) == [(0, "hidden"), (1, "Leaf.")]
        assert thread.display_name is None
        with pytest.raises(ResponseNotFoundError):
            get_shown(root.id)
        with pytest.raises(ResponseNotFoundError):
            get_thread(alone.id)


def test_a_reply_waits_unseen_until_it_is_published(unit: Unit, site: Site, moderator: Person) -> None:
    with unit():
        event = event_about()
        root = _say(event, "Root.", site=site, moderator=moderator)
        [waiting] = responses_of(comment(event, site=site, body="Waiting.", parent_id=root.id))

        assert _drawn(comments_on_event(event.id).items[0]) == [(0, "Root.")]
        with pytest.raises(ResponseNotFoundError):
            get_thread(waiting.id)


@pytest.mark.parametrize("state", ["waiting", "refused", "withdrawn", "of another event", "unknown", "an answer"])
def test_nobody_replies_to_what_they_cannot_read_there(unit: Unit, site: Site, moderator: Person, state: str) -> None:
    """S21: all alike, so that the refusal tells nothing of what is there."""
    with unit():
        consultation = open_consultation()
        event = event_about(consultation)
        code = comment(event, site=site, body="Root.")
        [root] = responses_of(code)
        if state == "refused":
            decide(
                root.id,
                action=ModerationAction.REFUSE,
                reason_code=ReasonCode.SPAM,
                moderator=moderator.id,
                at=TEST_BEGINS,
            )
        elif state != "waiting":
            publish_all(code, moderator=moderator)
        if state == "withdrawn":
            withdraw(code, at=TEST_BEGINS)
        target = root.id
        if state == "of another event":
            event = event_about(slug="another")
        elif state == "unknown":
            target = uuid.uuid4()
        elif state == "an answer":
            code = answer(consultation, site=site)
            publish_all(code, moderator=moderator)
            target = responses_of(code)[0].id

        with pytest.raises(NothingToReplyToError):
            comment(event, site=site, parent_id=target)


def test_an_anonymous_reply_holds_the_day_alone_and_stands_in_no_order_of_arrival(
    unit: Unit, site: Site, moderator: Person, clock: time_machine.Traveller
) -> None:
    """P2, P4: within a day replies stand by their random ids."""
    with unit():
        event = event_about()
        root = _say(event, "Root.", site=site, moderator=moderator)
        codes = []
        for number in range(8):
            codes.append(comment(event, site=site, body=f"Reply {number}.", parent_id=root.id, naming=ANONYMOUS))
            clock.shift(timedelta(minutes=1))
        for code in codes:
            publish_all(code, moderator=moderator)
        ids = [responses_of(code)[0].id for code in codes]

        replies = comments_on_event(event.id).items[0].replies

        assert [reply.id for reply in replies] == sorted(ids)
        assert all(responses_of(code)[0].respondent_id is None for code in codes)


def test_the_home_page_shows_no_reply_away_from_its_thread(unit: Unit, site: Site, moderator: Person) -> None:
    with unit():
        event = event_about()
        root = _say(event, "Root.", site=site, moderator=moderator)
        _say(event, "Reply.", root, site=site, moderator=moderator)

        assert [said.body for said in latest_public(5)] == ["Root."]
