"""How often a page asks its database: few times, and as often for thirty rows as for one."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from engage.consultations.models import Consultation
from engage.events.enums import AppearanceRole
from engage.events.services import add_speaker, set_questions
from engage.kernel import clock
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key
from engage.responses.consents import wordings
from engage.responses.enums import Attribution, IdentityBasis, ModerationAction, Purpose
from engage.responses.models import Response
from engage.responses.services import Naming, Sender, decide, receive_answers, receive_comment
from tests.conftest import TEST_BEGINS
from tests.factories import make_consultation, make_event, make_person
from tests.queries import statements_sent
from tests.stage import Unit

WEEK = timedelta(days=7)

pytestmark = pytest.mark.usefixtures("clock")


def _statements(client: FlaskClient, address: str) -> list[str]:
    """Return what a page asks when it is made for the second time, by an address that is never stored."""
    address += "?fresh=1"
    assert client.get(address).status_code == 200
    with statements_sent() as sent:
        client.get(address)
    return sent


def _make_full_event(slug: str, *, speakers: int, starts_at: datetime, questions: list[UUID]) -> UUID:
    """Make an event with so many speakers, on these questions."""
    event = make_event(slug=slug, starts_at=starts_at)
    at = clock.now()
    for number in range(speakers):
        add_speaker(
            event.id,
            name=f"Speaker {number}",
            role_title="Ranger",
            organisation="River Trust",
            role=AppearanceRole.SPEAKER,
            at=at,
            actor=None,
        )
    set_questions(event.id, question_ids=questions, at=at, actor=None)
    return event.id


def _ids(consultation: Consultation) -> list[UUID]:
    return [question.id for question in consultation.questions]


@pytest.mark.parametrize("when", [WEEK, -WEEK], ids=["to come", "over"])
def test_an_events_page_asks_at_most_six_times(client: FlaskClient, unit: Unit, when: timedelta) -> None:
    with unit():
        questions = _ids(make_consultation(questions=3))
        _make_full_event("rivers", speakers=3, starts_at=TEST_BEGINS + when, questions=questions)

    sent = _statements(client, "/events/rivers/")

    assert 0 < len(sent) <= 6, "\n\n".join(sent)


def test_an_events_page_asks_as_often_for_many_speakers_and_questions_as_for_one(
    client: FlaskClient, unit: Unit
) -> None:
    with unit():
        questions = _ids(make_consultation(questions=30))
        _make_full_event("small", speakers=1, starts_at=TEST_BEGINS + WEEK, questions=questions[:1])
        _make_full_event("large", speakers=30, starts_at=TEST_BEGINS + WEEK, questions=questions)

    assert len(_statements(client, "/events/large/")) == len(_statements(client, "/events/small/"))


@pytest.mark.parametrize("address", ["/", "/events/", "/consultations/levelling-up/", "/events.ics", "/events.atom"])
def test_a_list_asks_as_often_for_thirty_events_as_for_one(client: FlaskClient, unit: Unit, address: str) -> None:
    with unit():
        consultation = make_consultation(questions=2)
        questions = _ids(consultation)
        _make_full_event("coming", speakers=2, starts_at=TEST_BEGINS + WEEK, questions=questions)
        _make_full_event("over", speakers=2, starts_at=TEST_BEGINS - WEEK, questions=questions)
    one = _statements(client, address)
    with unit():
        for number in range(15):
            later = timedelta(days=number)
            _make_full_event(f"coming-{number}", speakers=2, starts_at=TEST_BEGINS + WEEK + later, questions=questions)
            _make_full_event(f"over-{number}", speakers=2, starts_at=TEST_BEGINS - WEEK - later, questions=questions)

    many = _statements(client, address)

    assert len(many) == len(one), "\n\n".join(many)


def test_a_consultations_page_asks_as_often_for_thirty_questions_as_for_one(client: FlaskClient, unit: Unit) -> None:
    with unit():
        make_consultation(slug="small", questions=1)
        make_consultation(slug="large", questions=30)

    assert len(_statements(client, "/consultations/large/")) == len(_statements(client, "/consultations/small/"))


@pytest.mark.parametrize("address", ["/", "/consultations/"])
def test_a_list_asks_as_often_for_thirty_consultations_as_for_one(
    client: FlaskClient, unit: Unit, address: str
) -> None:
    with unit():
        make_consultation(slug="first")
    one = _statements(client, address)
    with unit():
        for number in range(29):
            make_consultation(slug=f"consultation-{number}")

    many = _statements(client, address)

    assert len(many) == len(one), "\n\n".join(many)


def test_a_questions_page_asks_as_often_for_thirty_responses_as_for_one(
    client: FlaskClient, unit: Unit, site: Site
) -> None:
    with unit():
        consultation = make_consultation(questions=1)
        consultation_id, question_id = consultation.id, consultation.questions[0].id
        event_id = _make_full_event("over", speakers=1, starts_at=TEST_BEGINS - WEEK, questions=[question_id])
        moderator = make_person("mo@example.org", "moderator").id

    def say(count: int) -> None:
        """Publish so many answers, and as many comments."""
        for number in range(count):
            common = {
                "naming": Naming(Attribution.PSEUDONYM, f"Heron {number}"),
                "consents": frozenset(Purpose),
                "wordings": wordings(),
                "language": "en",
                "site": site,
                "at": TEST_BEGINS,
            }
            with unit():
                receive_answers(
                    consultation_id,
                    answers={1: "Plant trees upstream."},
                    sender=Sender(IdentityBasis.GUEST, email=f"guest{number}@example.org"),
                    key=new_submission_key(site.link_secrets, TEST_BEGINS),
                    **common,
                )
            with unit():
                receive_comment(
                    event_id,
                    question_id=question_id,
                    body="The captions helped.",
                    sender=Sender(IdentityBasis.MEMBER, person_id=moderator, name="Mo", email="mo@example.org"),
                    key=new_submission_key(site.link_secrets, TEST_BEGINS),
                    **common,
                )
        with unit() as session:
            waiting = session.query(Response.id).filter(Response.status == "received").all()
            for (response_id,) in waiting:
                decide(
                    response_id,
                    action=ModerationAction.PUBLISH,
                    reason_code=None,
                    note=None,
                    moderator=moderator,
                    at=TEST_BEGINS,
                )

    addresses = [f"/consultations/levelling-up/questions/1/?show={which}" for which in ("all", "answers", "comments")]
    say(1)
    one = [len(_statements(client, address)) for address in addresses]
    say(29)

    assert [len(_statements(client, address)) for address in addresses] == one
