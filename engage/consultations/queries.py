"""Reads. Drafts are not found: nobody but `all_consultations` lists them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from engage.consultations.enums import ConsultationStatus
from engage.consultations.errors import ConsultationNotFoundError, QuestionNotFoundError
from engage.consultations.models import Consultation, Framework, Question, QuestionVersion, Theme, ThemeLink
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import sign_row, verify_row

LARGEST_NUMBER = 10_000
LATE = "late"


@dataclass(frozen=True)
class QuestionWords:
    """What a question says in one of its versions; `options` are in their order."""

    text: str
    help: str | None
    options: tuple[str, ...]


def find_consultation(slug: str) -> Consultation | None:
    """Return the consultation that anyone may see at an address, with questions and frameworks, or None."""
    return db.session.scalar(
        select(Consultation)
        .where(Consultation.slug == slug, Consultation.status != ConsultationStatus.DRAFT)
        .options(
            selectinload(Consultation.questions).selectinload(Question.themes),
            selectinload(Consultation.frameworks).selectinload(Framework.themes),
        )
    )


def get_consultation(slug: str) -> Consultation:
    """Return the consultation that anyone may see at an address. Raises ConsultationNotFoundError."""
    consultation = find_consultation(slug)
    if consultation is None:
        raise ConsultationNotFoundError
    return consultation


def get_any_consultation(slug: str) -> Consultation:
    """Return a consultation, drafts too: for organisers. Raises ConsultationNotFoundError."""
    consultation = db.session.scalar(select(Consultation).where(Consultation.slug == slug))
    if consultation is None:
        raise ConsultationNotFoundError
    return consultation


def get_consultation_by_id(consultation_id: uuid.UUID) -> Consultation:
    """Return the consultation that anyone may see. Raises ConsultationNotFoundError."""
    consultation = db.session.get(Consultation, consultation_id)
    if consultation is None or consultation.status is ConsultationStatus.DRAFT:
        raise ConsultationNotFoundError
    return consultation


def lock_consultation(consultation_id: uuid.UUID) -> Consultation:
    """Return a consultation as it is now and hold it until the transaction ends. Raises ConsultationNotFoundError.

    PostgreSQL lets answers through meanwhile: their foreign keys need the key alone.
    """
    statement = select(Consultation).where(Consultation.id == consultation_id).with_for_update(key_share=True)
    consultation = db.session.scalar(statement, execution_options={"populate_existing": True})
    if consultation is None:
        raise ConsultationNotFoundError
    return consultation


def late_token(consultation: Consultation, site: Site) -> str:
    """Return the token of the link by which answers are taken after the closing, until `late_until`."""
    return sign_row(site.link_secrets, LATE, consultation.id, consultation.nonce)


def may_answer_late(consultation: Consultation, token: str, *, site: Site, at: datetime) -> bool:
    """Tell whether a token is this consultation's late link, and answers are still taken by it at a moment."""
    is_its = verify_row(site.link_secrets, token, LATE, consultation.id, consultation.nonce)
    return is_its and consultation.takes_late_answers(at)


def find_question(slug: str, number: int) -> Question | None:
    """Return a question by its consultation's address and its number, or None."""
    if not 0 < number <= LARGEST_NUMBER:
        return None
    return db.session.scalar(
        select(Question)
        .join(Question.consultation)
        .where(
            Consultation.slug == slug,
            Consultation.status != ConsultationStatus.DRAFT,
            Question.number == number,
        )
        .options(selectinload(Question.consultation))
    )


def get_question(slug: str, number: int) -> Question:
    """Return a question by its consultation's address and its number. Raises QuestionNotFoundError."""
    question = find_question(slug, number)
    if question is None:
        raise QuestionNotFoundError
    return question


def public_consultations() -> list[Consultation]:
    """Return every consultation that anyone may see: the one that closes last comes first."""
    return list(
        db.session.scalars(
            select(Consultation)
            .where(Consultation.status != ConsultationStatus.DRAFT)
            .options(selectinload(Consultation.questions))
            .order_by(Consultation.closes_at.desc(), Consultation.slug)
        )
    )


def open_consultations(at: datetime) -> list[Consultation]:
    """Return what can be answered at a moment: the one that closes next comes first."""
    return list(
        db.session.scalars(
            select(Consultation)
            .where(
                Consultation.status == ConsultationStatus.OPEN,
                Consultation.opens_at <= at,
                Consultation.closes_at > at,
            )
            .options(selectinload(Consultation.questions))
            .order_by(Consultation.closes_at, Consultation.slug)
        )
    )


def consultation_titles() -> list[tuple[str, str]]:
    """Return the slug and title of every consultation, drafts too, for lists to choose from."""
    some = select(Consultation.slug, Consultation.title)
    return [
        (row.slug, row.title)
        for row in db.session.execute(some.order_by(Consultation.closes_at.desc(), Consultation.slug))
    ]


def all_consultations() -> list[Consultation]:
    """Return every consultation, drafts too, for organisers."""
    return list(
        db.session.scalars(
            select(Consultation)
            .options(
                selectinload(Consultation.questions),
                selectinload(Consultation.frameworks).selectinload(Framework.themes),
            )
            .order_by(Consultation.closes_at.desc(), Consultation.slug)
        )
    )


def questions_by_id(ids: set[uuid.UUID]) -> dict[uuid.UUID, Question]:
    """Return questions with their consultations."""
    if not ids:
        return {}
    found = db.session.scalars(
        select(Question).where(Question.id.in_(ids)).options(selectinload(Question.consultation))
    )
    return {question.id: question for question in found}


def question_says(question: Question, version: int | None = None) -> QuestionWords:
    """Return what a question says now, or said in an earlier version: the one that an answer was given to.

    Raises QuestionNotFoundError for a version that it never had.
    """
    if version is None or version == question.version:
        options = tuple(option.text for option in question.options if option.retired_at is None)
        return QuestionWords(question.text, question.help, options)
    said = db.session.scalar(
        select(QuestionVersion).where(QuestionVersion.question_id == question.id, QuestionVersion.version == version)
    )
    if said is None:
        raise QuestionNotFoundError
    return QuestionWords(said.text, said.help, tuple(said.options))


def question_said(question: Question, version: int) -> QuestionWords | None:
    """Return what a question said in a version; None where it never had it."""
    try:
        return question_says(question, version)
    except QuestionNotFoundError:
        return None


def themes_of(consultation: Consultation) -> list[Theme]:
    """Return everything that a consultation's frameworks list, in their order."""
    return [theme for framework in consultation.frameworks for theme in framework.themes]


def links_between(themes: Iterable[Theme]) -> list[ThemeLink]:
    """Return how themes bear on one another, in the order of where the links lead from and to."""
    place = {theme.id: number for number, theme in enumerate(themes)}
    if not place:
        return []
    found = db.session.scalars(select(ThemeLink).where(ThemeLink.from_id.in_(place), ThemeLink.to_id.in_(place)))
    return sorted(found, key=lambda link: (place[link.from_id], place[link.to_id], link.relation))
