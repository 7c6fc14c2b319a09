"""Taking the answers of a consultation in."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from engage.consultations.errors import QuestionNotFoundError
from engage.consultations.models import Consultation
from engage.consultations.queries import get_consultation_by_id, may_answer_late
from engage.consultations.services import lock_question
from engage.kernel.settings import Site
from engage.kernel.submission_keys import use_once
from engage.kernel.tokens import receipt_code
from engage.responses.enums import Purpose
from engage.responses.errors import AnswersClosedError, AnswersNotOpenError, NothingWrittenError
from engage.responses.services.answers import Answer, first_field, piece_of
from engage.responses.services.senders import Naming, Sender, check_naming
from engage.responses.services.sittings import Piece, Sitting, store

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
    late: str = "",
    is_sample: bool = False,
) -> str:
    """Store one sitting of answers, by question number, and return its receipt code.

    A text stands for an answer in words alone. Empty answers are left out; the first one to a question locks it.
    The same form again gives the same code and stores nothing (R6, R8). An anonymous sitting holds nobody and no
    time but the day (P2, P4). `late` is the token of the organiser's late link, if one was used. Raises
    NothingWrittenError, and what `get_open_consultation`, `piece_of` and `check_naming` raise.
    """
    code = receipt_code(site.link_secrets, key)
    if use_once(key, at=at) is not None:
        return code
    consultation = get_open_consultation(consultation_id, late=late, site=site, at=at)
    pieces = pieces_of(consultation, answers)
    naming, sender = check_naming(naming, sender)
    sitting = Sitting(naming, sender, consents, wordings, key, language, is_sample, site, at)
    store_answers(sitting, pieces, about=consultation)
    return code


def store_answers(sitting: Sitting, pieces: Sequence[Piece], *, about: Consultation) -> None:
    """Write the rows, and lock the questions that they answer."""
    store(sitting, pieces, about=about)
    for piece in pieces:
        if piece.question_id is not None:
            lock_question(piece.question_id, sitting.at)


def get_open_consultation(consultation_id: uuid.UUID, *, late: str, site: Site, at: datetime) -> Consultation:
    """Return a consultation that takes answers, from everybody or from whoever holds its late link.

    Raises ConsultationNotFoundError, AnswersNotOpenError, AnswersClosedError.
    """
    consultation = get_consultation_by_id(consultation_id)
    if not takes_answers(consultation, late=late, site=site, at=at):
        raise AnswersNotOpenError if at < consultation.opens_at else AnswersClosedError
    return consultation


def takes_answers(consultation: Consultation, *, late: str, site: Site, at: datetime) -> bool:
    """Tell whether answers are taken from somebody who came by a late link, or by none (`late` is "")."""
    return consultation.is_open(at) or may_answer_late(consultation, late, site=site, at=at)


def pieces_of(
    consultation: Consultation, answers: Mapping[int, Answer | str], *, on_paper: bool = False
) -> list[Piece]:
    """Return what is to be stored, in the order of the questions; those that must be answered are among it.

    Raises NothingWrittenError, QuestionNotFoundError, and what `piece_of` raises.
    """
    questions = {question.number: question for question in consultation.questions}
    if not answers.keys() <= questions.keys():
        raise QuestionNotFoundError
    given = {number: Answer(text) if isinstance(text, str) else text for number, text in answers.items()}
    found = [
        piece_of(question, given.get(question.number, EMPTY), on_paper=on_paper) for question in consultation.questions
    ]
    pieces = [piece for piece in found if piece is not None]
    if not pieces:
        raise NothingWrittenError(first_field(consultation.questions[0]))
    return pieces
