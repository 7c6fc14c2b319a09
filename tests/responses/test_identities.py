"""One person is one respondent, by account and by booking: votes count once, and the account shows all of it."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.enums import IdentityBasis
from engage.responses.errors import OwnWordsError, ResponseNotFoundError
from engage.responses.models import Respondent
from engage.responses.records import get_own_response, responses_of_person
from engage.responses.services import Sender, withdraw_own
from engage.responses.services.reacting import react
from engage.responses.votes import Tally, tallies, votes_of
from tests.factories import make_person
from tests.responses.makers import GUEST, answer, comment, event_about, open_consultation, publish_all, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
BOOKED = Sender(IdentityBasis.BOOKING, name="Cleo", email="cleo@example.org")


@pytest.fixture
def said(unit: Unit, site: Site) -> uuid.UUID:
    """A published comment of a guest."""
    with unit():
        code = comment(event_about(), site=site)
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
        return responses_of(code)[0].id


def _cleo() -> Sender:
    person = make_person("cleo@example.org", name="Cleo")
    return Sender(IdentityBasis.MEMBER, person_id=person.id, name="Cleo", email="cleo@example.org")


def _vote(said: uuid.UUID, value: str, sender: Sender) -> bool:
    return react(said, value, sender=sender, at=real_clock.now())


@pytest.mark.parametrize("booked_first", [True, False])
def test_a_member_who_booked_has_one_vote(unit: Unit, said: uuid.UUID, booked_first: bool) -> None:
    with unit():
        member = _cleo()
        first, second = (BOOKED, member) if booked_first else (member, BOOKED)
        assert _vote(said, "agree", first)
        assert not _vote(said, "agree", second)
        assert _vote(said, "disagree", second)

        assert tallies([said]) == {said: Tally(disagree=1)}
        assert votes_of([said], person_id=member.person_id) == {said: "disagree"}
        assert votes_of([said], booked_as="cleo@example.org") == {said: "disagree"}


def test_two_votes_of_one_booking_at_one_moment_are_those_of_one_person(
    app: Flask, unit: Unit, said: uuid.UUID
) -> None:
    def vote_too() -> bool:
        with app.app_context(), unit_of_work():
            return _vote(said, "agree", BOOKED)

    with ThreadPoolExecutor(1) as pool:
        with unit():
            assert _vote(said, "disagree", BOOKED)
            other = pool.submit(vote_too)
            assert wait([other], timeout=0.3).not_done
        assert other.result()
    with unit():
        knows = select(func.count()).where(Respondent.identity_basis == IdentityBasis.BOOKING)
        assert db.session.scalar(knows) == 1
        assert tallies([said]) == {said: Tally(agree=1)}


def test_nobody_votes_as_a_member_on_what_they_said_by_their_booking(unit: Unit, site: Site) -> None:
    with unit():
        member = _cleo()
        code = comment(event_about(), site=site, sender=BOOKED)
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
        [mine] = responses_of(code)

        assert votes_of([mine.id], person_id=member.person_id) == {}
        with pytest.raises(OwnWordsError):
            _vote(mine.id, "agree", member)


def test_what_a_member_said_by_a_booking_stands_in_the_account(unit: Unit, site: Site) -> None:
    """Before and after they first say something signed in; of others it holds nothing."""
    with unit():
        event, member = event_about(), _cleo()
        dev = make_person("dev@example.org")
        assert member.person_id is not None
        [by_booking] = responses_of(comment(event, site=site, sender=BOOKED))
        assert [each.id for each in responses_of_person(member.person_id)] == [by_booking.id]
        [signed_in] = responses_of(comment(event, site=site, body="Again.", sender=member))

        both = {by_booking.id, signed_in.id}
        assert {each.id for each in responses_of_person(member.person_id)} == both
        assert by_booking.respondent_id == signed_in.respondent_id
        assert responses_of_person(dev.id) == []
        with pytest.raises(ResponseNotFoundError):
            get_own_response(dev.id, by_booking.id)
        with pytest.raises(ResponseNotFoundError):
            withdraw_own(dev.id, by_booking.id, at=real_clock.now())
        assert withdraw_own(member.person_id, by_booking.id, at=real_clock.now()) == 1


def test_an_address_that_a_guest_typed_proves_nothing(unit: Unit, site: Site) -> None:
    """Anybody can type anybody's address."""
    with unit():
        member = _cleo()
        assert member.person_id is not None
        answer(open_consultation(), site=site, sender=replace(GUEST, email="cleo@example.org"))
        assert responses_of_person(member.person_id) == []
        [mine] = responses_of(comment(event_about(), site=site, sender=member))
        assert [each.id for each in responses_of_person(member.person_id)] == [mine.id]
