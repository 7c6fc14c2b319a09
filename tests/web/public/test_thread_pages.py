"""Threads on the pages: replying by the pass, signed in and by a booking, and who may (rule 15)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.queries import manage_token
from engage.events.enums import WhoMayComment
from engage.events.models import Event
from engage.events.queries import event_pass
from engage.kernel.settings import Site
from engage.responses.enums import Attribution, ModerationAction, ReasonCode, ResponseKind
from engage.responses.models import Response
from engage.responses.services import decide, withdraw
from tests.conftest import TEST_BEGINS
from tests.factories import hidden, make_person, sign_in
from tests.responses.makers import booking_of, comment, event_about, publish_all, responses_of, send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/events/over-lunch/comments/"
TYPED = {"body": "I see it otherwise.", "publish": "yes", "attribution": "pseudonym", "display_name": "Marged"}


@dataclass(frozen=True)
class Thread:
    """A published comment and the ways to reply to it."""

    root: UUID
    code: str
    moderator: UUID
    by_pass: str
    by_booking: str

    def replying(self, way: str) -> str:
        """Return the address of the form of a reply."""
        address = {"pass": self.by_pass, "booking": self.by_booking, "member": PAGE}[way]
        return f"{address}{'&' if '?' in address else '?'}parent={self.root}"


@pytest.fixture
def thread(unit: Unit, site: Site, clock: time_machine.Traveller) -> Thread:
    """A comment on an event that ended yesterday, with a booking and a member."""
    with unit():
        moderator = make_person("mo@example.org", "moderator")
        make_person("dev@example.org", name="Dev")
        event = event_about()
        token = manage_token(booking_of(event, site=site), site)
        code = comment(event, site=site, body="I came out thinking.")
        publish_all(code, moderator=moderator)
        return Thread(
            responses_of(code)[0].id,
            code,
            moderator.id,
            f"{PAGE}?pass={event_pass(event, site)}",
            f"/bookings/{token}/comment",
        )


def _allow(unit: Unit, who: WhoMayComment) -> None:
    with unit() as session:
        session.scalars(select(Event)).one().who_may_comment = who


def _replies(unit: Unit) -> list[tuple[UUID | None, int]]:
    with unit() as session:
        found = session.scalars(select(Response).where(Response.kind == ResponseKind.REPLY))
        return [(each.parent_id, each.depth) for each in found]


@pytest.mark.parametrize("way", ["pass", "booking", "member"])
def test_every_way_in_leads_from_a_comment_to_a_reply_under_it(
    unit: Unit, client: FlaskClient, thread: Thread, way: str
) -> None:
    if way == "member":
        sign_in(client, "dev@example.org")
    start = {"pass": thread.by_pass, "booking": thread.by_booking, "member": PAGE}[way]
    found = re.search(rf'href="([^"]*parent={thread.root})#comment"', client.get(start).text)
    assert found is not None
    address = found[1].replace("&amp;", "&")
    form = client.get(address)
    assert "You reply to Gwen Price" in form.text
    assert 'name="question"' not in form.text

    answer = client.post(address, data={**hidden(form), **TYPED})

    assert answer.status_code == 303
    assert "I see it otherwise." in client.get(answer.location).text
    assert _replies(unit) == [(thread.root, 1)]


def test_a_published_reply_stands_in_its_thread_on_the_page_and_by_its_own_address(
    unit: Unit, site: Site, client: FlaskClient, thread: Thread
) -> None:
    send(client, thread.replying("pass"), **TYPED)
    with unit() as session:
        reply = session.scalars(select(Response).where(Response.kind == ResponseKind.REPLY)).one()
        decide(reply.id, action=ModerationAction.PUBLISH, moderator=thread.moderator, at=TEST_BEGINS)
        reply_id = reply.id

    for address in (PAGE, f"/responses/{reply_id}", f"/responses/{thread.root}"):
        page = client.get(address).text
        root, under = page.index("I came out thinking."), page.index("I see it otherwise.")
        assert root < page.index('class="response-thread"') < under


@pytest.mark.parametrize("parent", ["forged", "00000000-0000-0000-0000-000000000000", "\x00", "x" * 5000, "%FF"])
@pytest.mark.parametrize("way", ["by_pass", "by_booking"])
def test_a_reply_to_nothing_is_refused_keeps_the_words_and_can_be_sent_by_itself(
    unit: Unit, client: FlaskClient, thread: Thread, *, way: str, parent: str
) -> None:
    """S24, R35."""
    address = getattr(thread, way)
    answer = client.post(address, data={**hidden(client.get(address)), **TYPED, "parent": parent})

    assert answer.status_code == 409
    assert "What you reply to is not here any more" in answer.text
    assert "I see it otherwise." in answer.text
    assert 'name="question"' in answer.text
    assert client.post(address, data={**hidden(answer), **TYPED}).status_code == 303
    assert _replies(unit) == []


def test_what_is_taken_back_while_somebody_replies_is_refused(unit: Unit, client: FlaskClient, thread: Thread) -> None:
    form = client.get(thread.replying("pass"))
    with unit():
        withdraw(thread.code, at=TEST_BEGINS)
    answer = client.post(thread.by_pass, data={**hidden(form), **TYPED})

    assert answer.status_code == 409
    assert "I came out thinking." not in answer.text
    assert _replies(unit) == []


def test_an_anonymous_reply_begun_on_the_bookings_page_goes_by_the_pass(
    unit: Unit, client: FlaskClient, thread: Thread
) -> None:
    """P2, P10: the reply stays a reply, and leaves the booking behind."""
    form = send(client, thread.replying("booking"), **{**TYPED, "attribution": "anonymous"})
    assert form.status_code == 422
    assert "You reply to Gwen Price" in form.text
    typed = {**hidden(form), "body": "I see it otherwise.", "attribution": "anonymous"}

    assert client.post(thread.by_pass, data=typed).status_code == 303
    assert _replies(unit) == [(thread.root, 1)]
    with unit() as session:
        reply = session.scalars(select(Response).where(Response.kind == ResponseKind.REPLY)).one()
        assert (reply.attribution, reply.respondent_id) == (Attribution.ANONYMOUS, None)


@pytest.mark.parametrize(
    ("who", "by_pass", "by_booking", "member"),
    [
        (WhoMayComment.BOOKED_OR_MEMBERS, 303, 303, 303),
        (WhoMayComment.BOOKED, 303, 303, 403),
        (WhoMayComment.MEMBERS, 404, 403, 303),
    ],
)
def test_who_may_comment_is_what_the_event_says(
    unit: Unit, client: FlaskClient, thread: Thread, *, who: WhoMayComment, by_pass: int, by_booking: int, member: int
) -> None:
    """Rule 15; who may not is told who may, and keeps what was typed."""
    key = hidden(client.get(thread.by_pass))
    booking_key = hidden(client.get(thread.by_booking))
    _allow(unit, who)
    answers = [
        client.post(thread.by_pass, data={**key, **TYPED}),
        client.post(thread.by_booking, data={**booking_key, **TYPED}),
    ]
    shown = [client.get(address).text for address in (thread.by_pass, thread.by_booking)]
    sign_in(client, "dev@example.org")
    answers.append(client.post(PAGE, data={**key, **TYPED, "body": "I see it otherwise. Truly."}))
    shown.append(client.get(PAGE).text)

    assert [answer.status_code for answer in answers] == [by_pass, by_booking, member]
    for answer, page in zip(answers, shown, strict=True):
        refused = answer.status_code != 303
        assert ("<textarea" not in page) is refused
        if refused:
            assert "I see it otherwise." in answer.text
            assert "Nothing was stored" in answer.text


def test_what_nobody_may_read_has_no_address(unit: Unit, site: Site, client: FlaskClient, thread: Thread) -> None:
    """S48, S21: waiting, refused and unknown ones answer alike."""
    with unit() as session:
        event = session.scalars(select(Event)).one()
        [waiting, refused] = [responses_of(comment(event, site=site, body=body))[0].id for body in ("One.", "Two.")]
        decide(
            refused,
            action=ModerationAction.REFUSE,
            reason_code=ReasonCode.SPAM,
            moderator=thread.moderator,
            at=TEST_BEGINS,
        )

    for each in (waiting, refused, UUID(int=1)):
        assert client.get(f"/responses/{each}").status_code == 404
