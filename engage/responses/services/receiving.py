"""Taking the answers of a consultation in."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from engage.consultations.enums import ConsultationStatus
from engage.consultations.errors import ConsultationNotFoundError, QuestionNotFoundError
from engage.consultations.models import Consultation
from engage.consultations.services import lock_question
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import receipt_code
from engage.responses.enums import Purpose
from engage.responses.errors import AnswersClosedError, AnswersNotOpenError, NothingWrittenError
from engage.responses.services.answers import Answer, first_field, piece_of
from engage.responses.services.senders import Naming, Sender, check_naming
from engage.responses.services.sittings import Piece, Sitting, first_use, store

EMPTY = Answer()


def receive_answers(
    consultation_id: uuid.UUID,
    *,
    answers: Mapping[int, Answer | str],
    sender: Sender,
    naming: Naming,
    consents: frozenset[Purpose],
    wordings: Mapping[Purpose, str],
    key: str,
    language: str,
    site: Site,
    at: datetime,
    is_sample: bool = False,
) -> str:
    """Store one sitting of answers, by question number, and return its receipt code.

    A text stands for an answer in words alone. Empty answers are left out; the first one to a question locks it.
    The same form again gives the same code and stores nothing (R6, R8). An anonymous sitting holds nobody and no
    time but the day (P2, P4). Raises AnswersNotOpenError, AnswersClosedError, NothingWrittenError, and what
    `piece_of` and `check_naming` raise.
    """
    code = receipt_code(site.link_secrets, key)
    if not first_use(key, at=at):
        return code
    consultation = db.session.get(Consultation, consultation_id)
    if consultation is None or consultation.status is ConsultationStatus.DRAFT:
        raise ConsultationNotFoundError
    if not consultation.is_open(at):
        raise AnswersNotOpenError if at < consultation.opens_at else AnswersClosedError
    pieces = _pieces(consultation, answers)
    naming, sender = check_naming(naming, sender)
    sitting = Sitting(naming, sender, consents, wordings, key, language, is_sample, site, at)
    store(sitting, pieces, about=consultation)
    for piece in pieces:
        if piece.question_id is not None:
            lock_question(piece.question_id, at)
    return code


def _pieces(consultation: Consultation, answers: Mapping[int, Answer | str]) -> list[Piece]:
    """Return what is to be stored, in the order of the questions; those that must be answered are among it."""
    questions = {question.number: question for question in consultation.questions}
    if not answers.keys() <= questions.keys():
        raise QuestionNotFoundError
    given = {number: Answer(text) if isinstance(text, str) else text for number, text in answers.items()}
    found = [piece_of(question, given.get(question.number, EMPTY)) for question in consultation.questions]
    pieces = [piece for piece in found if piece is not None]
    if not pieces:
        raise NothingWrittenError(first_field(consultation.questions[0]))
    return pieces
