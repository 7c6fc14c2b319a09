"""Taking answers and comments in: one sitting, one transaction, one receipt."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError

from engage.audit.services import record, record_anonymous
from engage.consultations.enums import ConsultationStatus
from engage.consultations.errors import ConsultationNotFoundError, QuestionNotFoundError
from engage.consultations.models import Consultation, Question
from engage.events.errors import EventNotFoundError
from engage.events.models import Event
from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.submission_keys import find_use, mark_used
from engage.kernel.text import clean
from engage.kernel.tokens import receipt_code, sha256_hex
from engage.responses.enums import Attribution, Channel, Purpose, ResponseKind
from engage.responses.errors import (
    AnswersClosedError,
    AnswersNotOpenError,
    CommentsClosedError,
    CommentsNotOpenError,
    NoCommentError,
    NothingWrittenError,
    QuestionNotDiscussedError,
    TooLongError,
)
from engage.responses.mails import queue_receipt
from engage.responses.models import Consent, Response, Submission
from engage.responses.queries import current_notice
from engage.responses.services.senders import Naming, Sender, check_naming, respondent_for

LONGEST_BODY = 5000


@dataclass(frozen=True)
class _Piece:
    """One text of a sitting, and what it is about."""

    body: str
    consultation_id: uuid.UUID | None
    question_id: uuid.UUID | None


@dataclass(frozen=True)
class _Sitting:
    """What all texts of a sitting share."""

    naming: Naming
    sender: Sender
    consents: frozenset[Purpose]
    wordings: Mapping[Purpose, str]
    key: str
    language: str
    is_sample: bool
    site: Site
    at: datetime


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
    if not _first_use(key, at=at):
        return code
    consultation = db.session.get(Consultation, consultation_id)
    if consultation is None or consultation.status is ConsultationStatus.DRAFT:
        raise ConsultationNotFoundError
    if not consultation.is_open(at):
        raise AnswersNotOpenError if at < consultation.opens_at else AnswersClosedError
    questions = {question.number: question for question in consultation.questions}
    pieces = []
    for number, text in sorted(answers.items()):
        body = _body(text, field=f"answer-{number}")
        if not body:
            continue
        if number not in questions:
            raise QuestionNotFoundError
        pieces.append(_Piece(body, consultation.id, questions[number].id))
    if not pieces:
        raise NothingWrittenError(f"answer-{min(questions)}")
    naming, sender = check_naming(naming, sender)
    sitting = _Sitting(naming, sender, consents, wordings, key, language, is_sample, site, at)
    _store(sitting, pieces, about=consultation)
    return code


def receive_comment(
    event_id: uuid.UUID,
    *,
    question_id: uuid.UUID | None,
    body: str,
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
    """Store a comment on an event, or on a question that it discussed, and return its receipt code.

    Whether the sender may comment was decided by whoever calls (rule 15). Comments are taken after the end,
    until the closing. The form has one field for a name: with `organisation` it is the organisation's. Raises
    CommentsNotOpenError, CommentsClosedError, NoCommentError, TooLongError, QuestionNotDiscussedError,
    and what `check_naming` raises.
    """
    code = receipt_code(site.link_secrets, key)
    if not _first_use(key, at=at):
        return code
    event = db.session.get(Event, event_id)
    if event is None or not event.is_public():
        raise EventNotFoundError
    if not event.takes_comments(at):
        raise CommentsNotOpenError if at < event.ends_at and not event.cancelled_at else CommentsClosedError
    written = _body(body, field="body")
    if not written:
        raise NoCommentError("body")
    question = None
    if question_id is not None:
        if question_id not in {joined.question_id for joined in event.questions}:
            raise QuestionNotDiscussedError
        question = db.session.get(Question, question_id)
    naming, sender = check_naming(_named_once(naming), sender, organisation_field="display_name")
    piece = _Piece(written, question.consultation_id if question else None, question_id)
    sitting = _Sitting(naming, sender, consents, wordings, key, language, is_sample, site, at)
    _store(sitting, [piece], about=event)
    return code


def _named_once(naming: Naming) -> Naming:
    """Take the one name of the form for the organisation's where that is to be shown."""
    if naming.attribution is Attribution.ORGANISATION and not naming.organisation:
        return Naming(naming.attribution, organisation=naming.display_name)
    return naming


def _first_use(key: str, *, at: datetime) -> bool:
    """Mark the form's key as used; False if it was, also by a request that ran at the same moment."""
    if find_use(key) is not None:
        return False
    try:
        with db.session.begin_nested():
            mark_used(key, at=at)
    except IntegrityError:
        return False
    return True


def _body(text: str, *, field: str) -> str:
    body = clean(text, multiline=True)
    if len(body) > LONGEST_BODY:
        raise TooLongError(field, length=len(body), limit=LONGEST_BODY)
    return body


def _store(sitting: _Sitting, pieces: list[_Piece], *, about: Consultation | Event) -> None:
    """Write the rows; those of an anonymous sitting know the day alone, and promise no mail and no job."""
    is_event = isinstance(about, Event)
    collection = f"event:{about.id}" if is_event else f"consultation:{about.id}"
    respondent = respondent_for(sitting.naming, sitting.sender)
    submission = Submission(
        respondent_id=respondent and respondent.id,
        consultation_id=None if is_event else about.id,
        event_id=about.id if is_event else None,
        receipt_hash=sha256_hex(receipt_code(sitting.site.link_secrets, sitting.key)),
        channel=Channel.EVENT if is_event else Channel.WEB,
        is_sample=sitting.is_sample,
        responses=[],
    )
    db.session.add(submission)
    notice_id = current_notice(sitting.language, at=sitting.at).id
    for piece in pieces:
        response = _response(sitting, piece, respondent_id=submission.respondent_id)
        response.event_id = submission.event_id
        response.kind = ResponseKind.COMMENT if is_event else ResponseKind.ANSWER
        response.consents = _consents(sitting, notice_id=notice_id)
        submission.responses.append(response)
    db.session.flush()
    if sitting.naming.is_anonymous:
        record_anonymous("web:submission:receive", collection, at=sitting.at)
        return
    record(
        "web:submission:receive",
        f"submission:{submission.id}",
        at=sitting.at,
        actor=sitting.sender.person_id,
        after={"about": collection, "responses": len(pieces)},
    )
    if sitting.sender.email and not sitting.is_sample:
        queue_receipt(
            submission,
            to_addr=sitting.sender.email,
            key=sitting.key,
            title=about.title,
            locale=sitting.language,
            site=sitting.site,
            at=sitting.at,
        )


def _response(sitting: _Sitting, piece: _Piece, *, respondent_id: uuid.UUID | None) -> Response:
    return Response(
        respondent_id=respondent_id,
        consultation_id=piece.consultation_id,
        question_id=piece.question_id,
        language=sitting.language,
        body_original=piece.body,
        attribution=sitting.naming.attribution,
        display_name=sitting.naming.shown,
        received_on=sitting.at.astimezone(UTC).date(),
    )


def _consents(sitting: _Sitting, *, notice_id: uuid.UUID) -> list[Consent]:
    """Return one row for each use, given or not, with the words that were shown (P12)."""
    at = start_of_day(sitting.at) if sitting.naming.is_anonymous else sitting.at
    return [
        Consent(
            purpose=purpose,
            granted=purpose in sitting.consents,
            notice_id=notice_id,
            wording_shown=sitting.wordings[purpose],
            language=sitting.language,
            given_at=at,
        )
        for purpose in sitting.wordings
    ]
