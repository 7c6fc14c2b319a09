"""The organisation's replies: public at once, named as its own, counted as nobody's, and told to who can be told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.events.models import Event
from engage.flows.composing import compose
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.models import Message
from engage.responses.counts import count_for_event, count_for_question
from engage.responses.enums import Attribution, IdentityBasis, ResponseKind
from engage.responses.errors import NothingToReplyToError, NothingWrittenError, TooLongError
from engage.responses.models import Response
from engage.responses.queries import comments_on_event, responses_to_question
from engage.responses.services import Naming, Sender, withdraw
from engage.responses.services.replying import reply_as_organisation
from tests.factories import make_person
from tests.responses.makers import (
    ANONYMOUS,
    NAMED,
    answer,
    comment,
    event_about,
    open_consultation,
    publish_all,
    responses_of,
)

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
GIA = Sender(IdentityBasis.GUEST, email="gia@example.org")


@pytest.fixture
def asha(unit: Unit) -> Person:
    """An organiser."""
    with unit() as session:
        person = make_person("asha@example.org", "organiser", name="Asha Ident")
        session.expunge(person)
        return person


def _published(event: Event, asha: Person, *, site: Site, sender: Sender = GIA, naming: Naming = NAMED) -> Response:
    code = comment(event, site=site, sender=sender, naming=naming)
    publish_all(code, moderator=asha)
    return responses_of(code)[0]


def _reply(to: Response, asha: Person, *, site: Site, body: str = "We will.") -> tuple[Response, bool]:
    return reply_as_organisation(to.id, body=body, language="en", site=site, at=real_clock.now(), actor=asha.id)


def _told() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == MessageKind.REPLIED)))


def test_it_is_public_at_once_marked_as_ours_and_names_nobody_on_the_staff(
    unit: Unit, site: Site, asha: Person
) -> None:
    with unit():
        event = event_about()
        said = _published(event, asha, site=site)
        before = count_for_event(event.id)

        reply, told = _reply(said, asha, site=site)
        [shown] = comments_on_event(event.id).items[0].replies

        assert (shown.body, shown.by_organisation, shown.display_name) == ("We will.", True, site.organisation_name)
        assert (reply.kind, reply.attribution, told) == (ResponseKind.REPLY, Attribution.ORGANISATION, True)
        assert "Asha" not in str(shown)
        assert count_for_event(event.id) == before
        assert reply.submission.entered_by == asha.id


def test_an_answer_is_replied_to_on_its_questions_page(unit: Unit, site: Site, asha: Person) -> None:
    with unit():
        consultation = open_consultation()
        code = answer(consultation, site=site)
        publish_all(code, moderator=asha)
        _reply(responses_of(code)[0], asha, site=site)
        question = consultation.questions[0].id

        [said] = responses_to_question(question).items

        assert [reply.body for reply in said.replies] == ["We will."]
        assert count_for_question(question).responses == 1


@pytest.mark.parametrize(
    ("sender", "naming", "told"),
    [
        (GIA, NAMED, ["gia@example.org"]),
        (Sender(IdentityBasis.GUEST), NAMED, []),
        (Sender(IdentityBasis.GUEST), ANONYMOUS, []),
    ],
)
def test_its_author_is_told_if_they_can_be(
    unit: Unit, site: Site, asha: Person, *, sender: Sender, naming: Naming, told: list[str]
) -> None:
    """P2: nothing can be mailed to somebody whom nobody knows. P21: no word of theirs stands in the mail."""
    with unit():
        event = event_about()
        said = _published(event, asha, site=site, sender=sender, naming=naming)
        reply, is_told = _reply(said, asha, site=site)

        assert [message.to_addr for message in _told()] == told
        assert is_told is bool(told)
        for message in _told():
            mail = compose(message, site=site).data.decode()
            assert f"/responses/{reply.id}" in mail
            assert "I came out thinking." not in mail


def test_the_same_words_twice_are_one_reply_and_one_mail(unit: Unit, site: Site, asha: Person) -> None:
    """R8."""
    with unit():
        event = event_about()
        said = _published(event, asha, site=site)
        first, _ = _reply(said, asha, site=site)
        again, told = _reply(said, asha, site=site, body=" We will. ")
        other, _ = _reply(said, asha, site=site, body="We did.")

        assert again.id == first.id != other.id
        assert not told
        assert len(_told()) == 2


@pytest.mark.parametrize(
    ("body", "error"), [(" ", NothingWrittenError), ("\u200b", NothingWrittenError), ("x" * 5001, TooLongError)]
)
def test_an_empty_or_endless_reply_is_refused(
    unit: Unit, site: Site, asha: Person, *, body: str, error: type[Exception]
) -> None:
    with unit():
        said = _published(event_about(), asha, site=site)

        with pytest.raises(error):
            _reply(said, asha, site=site, body=body)
        assert _told() == []


def test_nothing_is_replied_to_what_is_not_public(unit: Unit, site: Site, asha: Person) -> None:
    """S48."""
    with unit():
        event = event_about()
        code = comment(event, site=site)
        [waiting] = responses_of(code)
        with pytest.raises(NothingToReplyToError):
            _reply(waiting, asha, site=site)
        publish_all(code, moderator=asha)
        withdraw(code, at=real_clock.now() + timedelta(minutes=1))
        with pytest.raises(NothingToReplyToError):
            _reply(waiting, asha, site=site)
