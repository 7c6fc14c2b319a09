"""Votes: each person once, the latest counts, on what everybody can read, while it is open (rule 4, P3, P10)."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.bookings.queries import manage_token
from engage.events.enums import WhoMayComment
from engage.events.models import Event
from engage.events.queries import event_pass
from engage.flows.invariants import INVARIANTS
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.enums import FlagReason, IdentityBasis
from engage.responses.errors import OwnWordsError, ResponseNotFoundError, UnknownVoteError, VotesClosedError
from engage.responses.models import Flag, Reaction
from engage.responses.queries import comments_on_event
from engage.responses.services import Sender, withdraw
from engage.responses.services.flags import flag
from engage.responses.services.reacting import react
from engage.responses.votes import Tally, tallies, votes_of
from tests.factories import make_person, sign_in
from tests.pages import Page
from tests.responses.makers import booking_of, comment, event_about, publish_all, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
CLEO = Sender(IdentityBasis.BOOKING, name="Cleo", email="cleo@example.org")


@pytest.fixture
def said(unit: Unit, site: Site) -> uuid.UUID:
    """A published comment on an event that ended yesterday."""
    with unit():
        code = comment(event_about(), site=site)
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
        return responses_of(code)[0].id


def _member(name: str) -> Sender:
    person: Person = make_person(f"{name}@example.org", name=name)
    return Sender(IdentityBasis.MEMBER, person_id=person.id, name=name, email=f"{name}@example.org")


def _vote(said: uuid.UUID, value: str, sender: Sender = CLEO) -> bool:
    return react(said, value, sender=sender, at=real_clock.now())


def test_everybody_counts_once_and_the_latest_vote_counts(unit: Unit, said: uuid.UUID) -> None:
    with unit():
        dev = _member("dev")
        assert [_vote(said, value) for value in ("agree", "agree", "disagree")] == [True, False, True]
        assert _vote(said, "agree", dev)
        assert _vote(said, "pass", _member("eve"))

        assert tallies([said]) == {said: Tally(agree=1, disagree=1, passed=1)}
        assert votes_of([said], booked_as="cleo@example.org") == {said: "disagree"}
        assert votes_of([said], person_id=dev.person_id) == {said: "agree"}
        assert votes_of([said], person_id=uuid.uuid4()) == {said: "none"}
        assert _vote(said, "none")
        assert tallies([said]) == {said: Tally(agree=1, passed=1)}
        assert db.session.scalar(select(func.count(Reaction.id))) == 5
        assert comments_on_event(db.session.scalars(select(Event.id)).one()).items[0].tally == Tally(agree=1, passed=1)


@pytest.mark.parametrize("value", ["", "up", "shout", "AGREE", "\x00", "x" * 5000])
def test_what_is_no_button_counts_nothing(unit: Unit, said: uuid.UUID, value: str) -> None:
    """S24."""
    with unit():
        with pytest.raises(UnknownVoteError):
            _vote(said, value)
        assert tallies([said]) == {}


def test_votes_close_with_the_comments(unit: Unit, said: uuid.UUID, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=40))
    with unit(), pytest.raises(VotesClosedError):
        _vote(said, "agree")


def test_nobody_votes_on_their_own_words_nor_on_what_is_not_public(unit: Unit, site: Site) -> None:
    """S48."""
    with unit():
        event, mo = event_about(), make_person("mo@example.org", "moderator")
        code = comment(event, site=site, sender=CLEO)
        [mine] = responses_of(code)
        with pytest.raises(ResponseNotFoundError):
            _vote(mine.id, "agree", _member("dev"))
        publish_all(code, moderator=mo)
        assert votes_of([mine.id], booked_as="cleo@example.org") == {}
        with pytest.raises(OwnWordsError):
            _vote(mine.id, "agree")
        withdraw(code, at=real_clock.now())
        with pytest.raises(ResponseNotFoundError):
            _vote(mine.id, "agree", _member("eve"))


def test_votes_and_flags_go_with_the_words_that_they_were_about(unit: Unit, site: Site) -> None:
    """Rule 7: nobody's opinion of what was taken back is kept."""
    with unit():
        event, mo = event_about(), make_person("mo@example.org", "moderator")
        codes = [comment(event, site=site, body=body) for body in ("Taken back.", "Stays.")]
        for code in codes:
            publish_all(code, moderator=mo)
            _vote(responses_of(code)[0].id, "agree")
            for key in ("one", "two"):
                other = {"reason": FlagReason.OTHER, "note": "Canary.", "key": f"{code}{key}", "at": real_clock.now()}
                flag(responses_of(code)[0].id, **other)
        gone, stays = (responses_of(code)[0] for code in codes)
        withdraw(codes[0], at=real_clock.now())

        assert set(db.session.scalars(select(Reaction.response_id))) == {stays.id}
        assert list(db.session.scalars(select(Flag.response_id))) == [stays.id, stays.id]
        check = INVARIANTS["P13 taken back"]
        assert list(check()) == []
        db.session.scalars(select(Reaction)).one().response_id = gone.id
        db.session.flush()
        assert list(check()) == [f"response {gone.id}: taken back, and has votes"]


def test_buttons_vote_on_a_members_page_and_on_a_bookings_and_take_back(
    unit: Unit, site: Site, client: FlaskClient, said: uuid.UUID
) -> None:
    with unit() as session:
        event = session.scalars(select(Event)).one()
        token = manage_token(booking_of(event, site=site), site)
        by_pass = f"/events/over-lunch/comments/?pass={event_pass(event, site)}"
        make_person("dev@example.org")
    assert "/vote" not in client.get(by_pass).text  # P10: nothing goes by the pass
    assert client.post(f"/responses/{said}/vote", data={"value": "agree"}).status_code == 403
    with unit():
        assert tallies([said]) == {}

    answer = client.post(f"/bookings/{token}/votes/{said}", data={"value": "disagree"})
    assert answer.status_code == 303
    sign_in(client, "dev@example.org")
    form = next(each for each in Page(client.get("/events/over-lunch/comments/")).forms if "/vote" in each.action)
    assert client.post(form.action, data={**form.values, "value": "agree"}).status_code == 303
    with unit():
        assert tallies([said]) == {said: Tally(agree=1, disagree=1)}

    page = client.get("/events/over-lunch/comments/").text
    assert 'value="none" aria-pressed="true">Agree <b>1</b>' in page
    assert client.post(form.action, data={**form.values, "value": "none"}).status_code == 303
    with unit():
        assert tallies([said]) == {said: Tally(disagree=1)}


def test_the_token_of_a_signed_in_form_is_asked_for(unit: Unit, client: FlaskClient, said: uuid.UUID) -> None:
    """S10."""
    with unit():
        make_person("dev@example.org")
    sign_in(client, "dev@example.org")

    assert client.post(f"/responses/{said}/vote", data={"value": "agree"}).status_code == 422
    with unit():
        assert tallies([said]) == {}


def test_who_may_not_comment_may_not_vote(unit: Unit, site: Site, client: FlaskClient, said: uuid.UUID) -> None:
    with unit() as session:
        event = session.scalars(select(Event)).one()
        token = manage_token(booking_of(event, site=site), site)
        event.who_may_comment = WhoMayComment.MEMBERS

    assert client.post(f"/bookings/{token}/votes/{said}", data={"value": "agree"}).status_code == 403
    with unit():
        assert tallies([said]) == {}
