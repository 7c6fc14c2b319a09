"""How an answer was given is said as it was, and nothing of how an anonymous one came."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.consultations.queries import get_any_consultation
from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key
from engage.responses.consents import wordings
from engage.responses.enums import Channel
from engage.responses.services import Answer, Naming
from engage.responses.services.entering import enter_answers
from engage.responses.services.sittings import Paper
from tests.factories import make_person
from tests.responses.makers import ANONYMOUS, EVERY_USE, NAMED, answer, ask_everything, open_consultation, publish_all

Unit = Callable[[], AbstractContextManager[Session]]
HOME = "/consultations/levelling-up/questions/"


@pytest.fixture(autouse=True)
def consultation(clock: time_machine.Traveller, unit: Unit) -> None:
    """Ask something of every type."""
    with unit():
        ask_everything(open_consultation())


def _typed_in(site: Site, channel: Channel, naming: Naming) -> str:
    at = real_clock.now()
    return enter_answers(
        get_any_consultation("levelling-up").id,
        answers={5: "Six weeks."},
        paper=Paper(channel, at.date(), None),
        naming=naming,
        name=None if naming.is_anonymous else "Gwen Price",
        email=None,
        consents=EVERY_USE,
        wordings=wordings(),
        key=new_submission_key(site.link_secrets, at),
        language="en",
        site=site,
        at=at,
    )


@pytest.mark.parametrize(
    ("channel", "naming", "words"),
    [
        (Channel.POST, NAMED, "Answer by post"),
        (Channel.PHONE, NAMED, "Answer by phone"),
        (Channel.EMAIL, NAMED, "Answer by e-mail"),
        (Channel.PHONE, ANONYMOUS, "Answer"),
    ],
)
def test_what_an_organiser_typed_in_was_not_written_here(
    unit: Unit,
    site: Site,
    client: FlaskClient,
    *,
    channel: Channel,
    naming: Naming,
    words: str,
) -> None:
    with unit():
        code = _typed_in(site, channel, naming)
        publish_all(code, moderator=make_person(f"{channel}-{words[-4:].strip()}@example.org", "moderator"))
    public, receipt = client.get(f"{HOME}5/").text, client.get(f"/receipts/{code}/").text

    assert words in public
    assert f'{words} to <a href="{HOME}5/">question 5</a>' in receipt
    for page in (public, receipt):
        assert "Answer in writing" not in page
        assert ("by phone" in page) is (words == "Answer by phone")


def test_what_was_only_chosen_was_not_written(unit: Unit, site: Site, client: FlaskClient) -> None:
    with unit():
        asked = get_any_consultation("levelling-up")
        yes = asked.questions[0].options[0].id
        code = answer(asked, site=site, answers={1: Answer(options=frozenset({yes})), 5: "Six weeks."})
    receipt = client.get(f"/receipts/{code}/").text

    assert f'Answer to <a href="{HOME}1/">question 1</a>' in receipt
    assert f'Answer in writing to <a href="{HOME}5/">question 5</a>' in receipt
