"""A million responses, written by plain SQL: sittings, words, consents, and what the index keeps of them."""

import random
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from engage.consultations.enums import ConsultationStatus
from engage.consultations.models import Consultation, Question
from engage.kernel.db import Base, db, table_of
from engage.responses.consents import wordings
from engage.responses.enums import (
    Attribution,
    Channel,
    IdentityBasis,
    Purpose,
    RespondentKind,
    ResponseKind,
    ResponseStatus,
)
from engage.responses.models import Consent, PrivacyNotice, Respondent, Response, ResponseSearch, Submission
from engage.responses.records import State
from engage.responses.search import postgresql, sqlite
from engage.responses.search.facets import RANDOM_BITS, Facet, facet, first_number
from engage.responses.search.words import words_of

BATCH = 20_000
ASKED = 20  # questions of a consultation
IN_A_SITTING = 4
TEXTS = 20_000
WORDS_EACH = 30
DAYS = 1000
RARE = "kingfisher"  # in one response of two thousand
STATES = [
    *((ResponseStatus.PUBLISHED, True),) * 90,
    *((ResponseStatus.RECEIVED, True),) * 4,
    *((ResponseStatus.RECEIVED, False),) * 3,
    *((ResponseStatus.HELD, True),) * 1,
    *((ResponseStatus.REFUSED, True),) * 2,
]
Rows = dict[type[Base], list[dict[str, Any]]]


def add_consultations(number: int, *, at: datetime) -> list[tuple[uuid.UUID, list[uuid.UUID]]]:
    """Write consultations that are open, each with its questions; returns their ids."""
    made = []
    for place in range(number):
        consultation = Consultation(
            slug=f"matter-{place}",
            title=f"What about matter {place}?",
            intro="Some questions.",
            why_now="The plan is written this winter.",
            opens_at=at - timedelta(days=DAYS + 1),
            closes_at=at + timedelta(days=30),
            created_at=at,
            status=ConsultationStatus.OPEN,
            questions=[Question(number=n, text=f"What of part {n}?") for n in range(1, ASKED + 1)],
        )
        db.session.add(consultation)
        db.session.flush()
        made.append((consultation.id, [question.id for question in consultation.questions]))
    return made


def add_responses(about: Sequence[tuple[uuid.UUID, uuid.UUID]], number: int, *, at: datetime) -> None:
    """Write so many responses, evenly over the (consultation, question) pairs and the days before a moment."""
    draw = random.Random(number)
    notice = db.session.scalars(select(PrivacyNotice.id)).first()
    texts = _texts(draw)
    engine = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    kept = [(text, engine.as_kept(words_of(text))) for text in texts]
    done = 0
    while done < number:
        some = min(BATCH, number - done)
        rows: Rows = {Respondent: [], Submission: [], Response: [], Consent: [], ResponseSearch: []}
        for place in range(done, done + some):
            _add(rows, place, about[place // IN_A_SITTING % len(about)], draw.choice(kept), draw, notice, at=at)
        for model, given in rows.items():
            _write(model, given)
        done += some


def _texts(draw: random.Random) -> list[str]:
    """Return sentences whose words are as common as those of a language: the n-th is n times rarer than the first."""
    syllables = [a + b for a in "bcdfghlmnprst" for b in ("a", "e", "i", "o", "u", "an", "er", "in")]
    vocabulary = ["the", "and", "river", "people", *("".join(draw.choices(syllables, k=3)) for _ in range(20_000))]
    weights = [1 / rank for rank in range(1, len(vocabulary) + 1)]
    texts = [" ".join(draw.choices(vocabulary, weights, k=WORDS_EACH)) for _ in range(TEXTS)]
    return [f"{text} {RARE}" if place % 2000 == 0 else text for place, text in enumerate(texts)]


def _add(  # noqa: PLR0917
    rows: Rows,
    place: int,
    about: tuple[uuid.UUID, uuid.UUID],
    said: tuple[str, str],
    draw: random.Random,
    notice: uuid.UUID | None,
    *,
    at: datetime,
) -> None:
    day = at.date() - timedelta(days=draw.randrange(1, DAYS))
    status, may_publish = draw.choice(STATES)
    if place % IN_A_SITTING == 0 or not rows[Submission]:
        rows[Respondent].append(
            {"id": uuid.uuid4(), "kind": RespondentKind.INDIVIDUAL, "identity_basis": IdentityBasis.GUEST}
        )
        rows[Submission].append(
            {
                "id": uuid.uuid4(),
                "is_sample": False,
                "respondent_id": rows[Respondent][-1]["id"],
                "consultation_id": about[0],
                "receipt_hash": uuid.uuid4().hex * 2,
                "channel": Channel.POST if place % 40 == 0 else Channel.WEB,
            }
        )
    sitting = rows[Submission][-1]
    response = {
        "id": uuid.uuid4(),
        "submission_id": sitting["id"],
        "respondent_id": sitting["respondent_id"],
        "kind": ResponseKind.ANSWER,
        "consultation_id": about[0],
        "question_id": about[1],
        "question_version": 1,
        "depth": 0,
        "by_organisation": False,
        "language": "cy" if draw.random() < 0.03 else "en",
        "body_original": said[0],
        "body": said[0],
        "attribution": Attribution.NOT_PUBLISHED,
        "status": status,
        "received_on": day,
        "leaves_gap": False,
        "may_publish": may_publish,
    }
    rows[Response].append(response)
    for purpose, words in _WORDINGS.items():
        rows[Consent].append(
            {
                "id": uuid.uuid4(),
                "response_id": response["id"],
                "purpose": purpose,
                "granted": may_publish or purpose is Purpose.QUOTE_REPORT,
                "notice_id": notice,
                "wording_shown": words,
                "language": "en",
                "given_at": at,
            }
        )
    rows[ResponseSearch].append(_entry(response, sitting["channel"], said[1], draw))


_WORDINGS = {purpose: wordings("en")[purpose] for purpose in (Purpose.PUBLISH_SITE, Purpose.QUOTE_REPORT)}


def _entry(response: dict[str, Any], channel: Channel, words: str, draw: random.Random) -> dict[str, Any]:
    standing = State(response["status"].value) if response["status"] is not ResponseStatus.RECEIVED else None
    state = standing or (State.WAITING if response["may_publish"] else State.UNPUBLISHABLE)
    facets = {
        Facet.QUESTION: response["question_id"],
        Facet.CONSULTATION: response["consultation_id"],
        Facet.CHANNEL: channel.value,
        Facet.MEDIUM: "text",
        Facet.STATE: state.value,
        Facet.KIND: response["kind"].value,
        Facet.LANGUAGE: response["language"],
    }
    given = [facet(kind, value) for kind, value in facets.items()]
    return {
        "number": first_number(response["received_on"]) + draw.getrandbits(RANDOM_BITS),
        "response_id": response["id"],
        "words": words,
        "facets": " ".join(given),
    }


def _write(model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Write rows as the database takes them quickest: by COPY, or by one prepared statement."""
    if not rows:
        return
    table, columns = table_of(model), list(rows[0])
    driver: Any = db.session.connection().connection.driver_connection
    names = ", ".join(columns)
    if isinstance(driver, sqlite3.Connection):
        marks = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", _plain(rows))
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(list(row.values()))


def _plain(rows: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Return values as SQLAlchemy writes them on SQLite."""
    for row in rows:
        yield tuple(_as_sqlite(value) for value in row.values())


def _as_sqlite(value: Any) -> Any:
    match value:
        case uuid.UUID():
            return value.hex
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")
        case date():
            return value.isoformat()
        case _:
            return value
