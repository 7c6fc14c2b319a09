"""Taking the answers of a consultation in."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from engage.consultations.enums import ConsultationStatus
from engage.consultations.errors import ConsultationNotFoundError, QuestionNotFoundError
from engage.consultations.models import Consultation
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import receipt_code
from engage.responses.enums import Purpose, ResponseKind
from engage.responses.errors import AnswersClosedError, AnswersNotOpenError, NothingWrittenError
from engage.responses.services.senders import Naming, Sender, check_naming
from engage.responses.services.sittings import Piece, Sitting, body_of, first_use, store


def receive_answers(
    consultation_id: uuid.UUID,
    *,
    answers: Mapping[int, str],
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
    """Store one sitting of written answers, by question number, and return its receipt code.

    Empty answers are left out. The same form again gives the same code and stores nothing (R6, R8). An
    anonymous sitting holds nobody and no time but the day (P2, P4). Raises AnswersNotOpenError,
    AnswersClosedError, NothingWrittenError, TooLongError (its field is `answer-<number>`), and what
    `check_naming` raises.
    """
    code = receipt_code(site.link_secrets, key)
    if not first_use(key, at=at):
        return code
    consultation = db.session.get(Consultation, consultation_id)
    if consultation is None or consultation.status is ConsultationStatus.DRAFT:
        raise ConsultationNotFoundError
    if not consultation.is_open(at):
        raise AnswersNotOpenError if at < consultation.opens_at else AnswersClosedError
    questions = {question.number: question for question in consultation.questions}
    pieces = []
    for number, text in sorted(answers.items()):
        body = body_of(text, field=f"answer-{number}")
        if not body:
            continue
        if number not in questions:
            raise QuestionNotFoundError
        pieces.append(Piece(ResponseKind.ANSWER, body, consultation.id, questions[number].id))
    if not pieces:
        raise NothingWrittenError(f"answer-{min(questions)}")
    naming, sender = check_naming(naming, sender)
    sitting = Sitting(naming, sender, consents, wordings, key, language, is_sample, site, at)
    store(sitting, pieces, about=consultation)
    return code
