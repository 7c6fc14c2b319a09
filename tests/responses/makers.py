"""Makers and browsers for what people say; used inside `with unit():` unless they take a client."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import MetaData, select
from werkzeug.test import TestResponse

from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.consultations.enums import FrameworkKind, QuestionType
from engage.consultations.models import Consultation, Question, QuestionOption
from engage.consultations.services import NewFramework, NewQuestion, create_consultation
from engage.events.details import EventDetails
from engage.events.models import Event
from engage.events.services import create_event, publish_event, set_questions
from engage.kernel import clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key, sha256_hex
from engage.kernel.when import local_time
from engage.responses.consents import every_wording
from engage.responses.enums import Attribution, IdentityBasis, ModerationAction, Purpose
from engage.responses.models import Response, Submission
from engage.responses.services import Answer, Naming, Sender, decide, receive_answers, receive_comment
from tests.factories import hidden

EVERY_USE = frozenset(Purpose)
NAMED = Naming(Attribution.NAMED, "Gwen Price")
ANONYMOUS = Naming(Attribution.ANONYMOUS)
GUEST = Sender(IdentityBasis.GUEST)


def open_consultation(slug: str = "levelling-up", *, questions: int = 3) -> Consultation:
    """Make a consultation that is open, whose framework states twelve missions and lists two."""
    at = clock.now()
    return create_consultation(
        slug,
        title="Levelling up: what do you think?",
        intro="A few questions.",
        why_now="Because of the *paper*.",
        opens_at=at - timedelta(days=2),
        closes_at=at + timedelta(days=20),
        questions=[NewQuestion(f"What about matter {n}?") for n in range(1, questions + 1)],
        frameworks=[NewFramework(FrameworkKind.MISSION, "The missions", ["Pay", "Buses"], stated_count=12)],
        at=at,
    )


def event_about(
    consultation: Consultation | None = None, *, slug: str = "over-lunch", ended_ago: timedelta = timedelta(days=1)
) -> Event:
    """Make a published webinar of an hour that ended a while ago (or is to come) and discusses question 1."""
    starts_at = clock.now() - ended_ago - timedelta(hours=1)
    before = min(clock.now(), starts_at - timedelta(days=3))
    start, end = (local_time(moment, "Europe/London") for moment in (starts_at, starts_at + timedelta(hours=1)))
    event = create_event(
        EventDetails(
            title="Three views over lunch",
            summary="Three guests.",
            description="An hour.",
            day=start.date(),
            start=start.time(),
            end=end.time(),
            timezone="Europe/London",
            capacity=20,
            join_url="https://meet.example.org/room",
        ),
        slug=slug,
        at=before,
        actor=None,
    )
    publish_event(event.id, at=before, actor=None)
    if consultation is not None:
        set_questions(event.id, question_ids=[consultation.questions[0].id], at=before, actor=None)
    return event


def booking_of(event: Event, *, site: Site, email: str = "cleo@example.org", name: str = "Cleo Rees") -> Booking:
    """Book a place, before the event began."""
    before = min(clock.now(), event.starts_at - timedelta(days=1))
    book_place(event.id, PlaceRequest(name=name, email=email, locale="en"), site=site, at=before)
    return db.session.scalars(select(Booking).where(Booking.email_normalised == email)).one()


def answer(
    consultation: Consultation,
    *,
    site: Site,
    answers: Mapping[int, Answer | str] | None = None,
    sender: Sender = GUEST,
    naming: Naming = NAMED,
    consents: frozenset[Purpose] = EVERY_USE,
    key: str = "",
    at: datetime | None = None,
) -> str:
    """Receive answers; returns the receipt code."""
    at = at or clock.now()
    return receive_answers(
        consultation.id,
        answers={1: "Ask the tenants."} if answers is None else answers,
        sender=sender,
        naming=naming,
        consents=consents,
        wordings=every_wording(),
        key=key or new_submission_key(site.link_secrets, at),
        language="en",
        site=site,
        at=at,
    )


def comment(event: Event, *, site: Site, body: str = "I came out thinking.", **other: Any) -> str:
    """Receive a comment; returns the receipt code."""
    at = other.pop("at", None) or clock.now()
    values: dict[str, Any] = {
        "question_id": None,
        "sender": GUEST,
        "naming": NAMED,
        "consents": EVERY_USE,
        "key": new_submission_key(site.link_secrets, at),
    }
    values.update(other)
    return receive_comment(event.id, body=body, wordings=every_wording(), language="en", site=site, at=at, **values)


def responses_of(code: str) -> list[Response]:
    """Return the rows of a receipt, by text."""
    return list(
        db.session.scalars(
            select(Response)
            .join(Submission)
            .where(Submission.receipt_hash == sha256_hex(code))
            .order_by(Response.body_original)
        )
    )


def publish_all(code: str, *, moderator: Any) -> None:
    """Publish every response of a receipt."""
    for response in responses_of(code):
        decide(response.id, action=ModerationAction.PUBLISH, moderator=moderator.id, at=clock.now())


def every_value() -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables as the database holds them, by table."""
    tables = MetaData()
    tables.reflect(db.engine)
    return {name: [tuple(row) for row in db.session.execute(table.select())] for name, table in tables.tables.items()}


def send(client: FlaskClient, address: str, **typed: Any) -> TestResponse:
    """Open a page with a form, fill it in and send it to the same address."""
    page = client.get(address)
    return client.post(address, data={**hidden(page), **typed})


def ask_everything(consultation: Consultation) -> dict[str, QuestionOption]:
    """Make question 1 a choice of one, 2 of several with "other", 3 a scale, and ask 4 in confidence and 5 shortly.

    Returns the options by their words. 5 has to be answered.
    """
    first, second, third = consultation.questions[:3]
    for question, kind, words in (
        (first, QuestionType.SINGLE, ("Yes", "No")),
        (second, QuestionType.MULTI, ("Buses", "Trains", "Other")),
        (third, QuestionType.SCALE, ("Not at all", "Partly", "Fully")),
    ):
        question.type = kind
        question.options = [
            QuestionOption(position=place, text=text, is_other=text == "Other") for place, text in enumerate(words, 1)
        ]
    first.allows_text = False
    consultation.questions += [
        Question(number=4, text="What happened to you?", is_confidential=True),
        Question(number=5, text="In a few words?", max_words=4, required=True),
    ]
    db.session.flush()
    return {option.text: option for question in (first, second, third) for option in question.options}
