"""What senders and moderators see of responses: states, reasons, consents."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from engage.consultations.enums import ConsultationStatus
from engage.consultations.models import Consultation, Question
from engage.consultations.queries import question_says
from engage.events.enums import EventStatus
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.tokens import sha256_hex
from engage.media.models import MediaAsset
from engage.media.queries import Recording, recording_of
from engage.responses.choices import chosen_words
from engage.responses.consents import uses_of
from engage.responses.enums import (
    AnswerWay,
    Attribution,
    Channel,
    IdentityBasis,
    ModerationAction,
    Purpose,
    ReasonCode,
    ResponseKind,
    ResponseStatus,
)
from engage.responses.errors import ReceiptNotFoundError, ResponseNotFoundError
from engage.responses.identities import respondents_of
from engage.responses.models import (
    ModerationDecision,
    Respondent,
    Response,
    ResponseVersion,
    Submission,
)
from engage.responses.models.store import DEEPEST
from engage.responses.queries import (
    EventMention,
    QuestionMention,
    event_mention,
    question_mention,
)
from engage.responses.redacting import recording_is_stopped, shows_redaction
from engage.responses.ways import way_of


class State(StrEnum):
    """Where a response is, as lists name it: received ones differ by the consent to publish."""

    WAITING = "waiting"
    UNPUBLISHABLE = "unpublishable"
    HELD = "held"
    PUBLISHED = "published"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ResponseRecord:
    """A response with its state, for its sender and for moderators. Of a withdrawn one the words are gone.

    `reason` and `note` are what the moderator said when refusing it, or when taking words (`is_redacted`) or the
    recording (`is_stopped`) out. `uses` tells for each purpose whether its consent was given and stands; `asked` are
    those that its author is asked about. `chosen` is what was chosen, `version` is the number of the latest change
    (0: none). Until `editable_until` the author may change the words, which are no longer the first ones if
    `is_changed`; until `captions_until` they may write down what is said in the recording. `question` says what was
    asked then; it says something else now if `asked_otherwise`. There is no time of the response but the day.
    """

    id: uuid.UUID
    kind: ResponseKind
    body: str
    attribution: Attribution
    display_name: str | None
    basis: IdentityBasis | None
    state: State
    received_on: date
    language: str
    reason: ReasonCode | None
    note: str | None
    uses: dict[Purpose, bool]
    event: EventMention | None
    question: QuestionMention | None
    is_sample: bool
    channel: Channel = Channel.WEB
    by_organisation: bool = False
    recording: Recording | None = None
    asked: tuple[Purpose, ...] = ()
    chosen: tuple[str, ...] = ()
    version: int = 0
    editable_until: datetime | None = None
    asked_otherwise: bool = False
    is_redacted: bool = False
    is_stopped: bool = False
    is_changed: bool = False
    captions_until: datetime | None = None
    depth: int = 0

    @property
    def takes_replies(self) -> bool:
        """Tell whether a reply may stand under it."""
        return self.state is State.PUBLISHED and self.kind is not ResponseKind.LIVE_QUESTION and self.depth < DEEPEST

    @property
    def words(self) -> str:
        """What was chosen and what was written, each line a paragraph."""
        return "\n".join(filter(None, (*self.chosen, self.body)))

    @property
    def way(self) -> AnswerWay:
        """How an answer was given."""
        return way_of(self)

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether its words are still with us."""
        return self.state is not State.WITHDRAWN

    def can_be_captioned(self, at: datetime) -> bool:
        """Tell whether its author may still write down what is said in its recording."""
        takes = self.recording is not None and self.recording.takes_words
        return takes and self.captions_until is not None and at < self.captions_until

    def can_be_edited(self, at: datetime) -> bool:
        """Tell whether its author may still change the words."""
        return self.can_be_withdrawn and self.editable_until is not None and at < self.editable_until


@dataclass(frozen=True)
class Receipt:
    """One sitting, as its sender sees it. `title` is that of the consultation or event."""

    title: str
    consultation_slug: str | None
    event_slug: str | None
    is_anonymous: bool
    responses: list[ResponseRecord]

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether any of it is still with us."""
        return any(response.can_be_withdrawn for response in self.responses)

    @property
    def most_asked(self) -> ResponseRecord | None:
        """The response that the most uses are asked about for; None where fewer than two could share an answer."""
        asked = [response for response in self.responses if response.can_be_withdrawn and response.asked]
        return max(asked, key=lambda response: len(response.asked)) if len(asked) > 1 else None


def get_receipt(code: str) -> Receipt:
    """Return what a receipt code opens. Raises ReceiptNotFoundError."""
    submission = db.session.scalar(select(Submission).where(Submission.receipt_hash == sha256_hex(code)))
    if submission is None:
        raise ReceiptNotFoundError
    return _receipt(submission)


def get_receipt_by_id(submission_id: uuid.UUID) -> Receipt:
    """Return a sitting as its sender sees it, for a mail to them. Raises ReceiptNotFoundError."""
    submission = db.session.get(Submission, submission_id)
    if submission is None:
        raise ReceiptNotFoundError
    return _receipt(submission)


def _receipt(submission: Submission) -> Receipt:
    consultation = _about(Consultation, submission.consultation_id)
    event = _about(Event, submission.event_id)
    records = _read(_select().where(Response.submission_id == submission.id).order_by(Question.number))
    return Receipt(
        title=event.title if event else consultation.title if consultation else "",
        consultation_slug=consultation.slug if consultation else None,
        event_slug=event.slug if event else None,
        is_anonymous=submission.respondent_id is None,
        responses=records,
    )


def _about(model: type[Any], id_: uuid.UUID | None) -> Any:
    return None if id_ is None else db.session.get(model, id_)


def responses_of_person(person_id: uuid.UUID) -> list[ResponseRecord]:
    """Return what a member gave, newest day first; nothing says whose the anonymous ones are."""
    return _read(
        _select()
        .where(Response.respondent_id.in_(respondents_of(person_id=person_id)))
        .order_by(Response.received_on.desc(), Response.id)
    )


def get_own_response(person_id: uuid.UUID, response_id: uuid.UUID) -> ResponseRecord:
    """Return one response of a member. Raises ResponseNotFoundError, for those of others as well."""
    for record in responses_of_person(person_id):
        if record.id == response_id:
            return record
    raise ResponseNotFoundError


def editable_until(response: Response) -> datetime | None:
    """Return until when the author may change the words.

    None for what was chosen from a list: that is taken back and chosen anew.
    """
    return None if response.kind is ResponseKind.CHOICE else words_taken_until(response)


def words_taken_until(response: Response) -> datetime | None:
    """Return until when such words are taken at all: what came in time cannot become a late answer."""
    if response.event_id is None:
        consultation: Consultation | None = _about(Consultation, response.consultation_id)
        if consultation is None or consultation.status is not ConsultationStatus.OPEN:
            return None
        return max(consultation.closes_at, consultation.late_until or consultation.closes_at)
    event: Event | None = _about(Event, response.event_id)
    if event is None or event.status is not EventStatus.PUBLISHED:
        return None
    return event.ends_at if response.kind is ResponseKind.LIVE_QUESTION else event.comments_close_at()


def parent_of(response_id: uuid.UUID) -> ResponseRecord | None:
    """Return what a response replies to, for moderators; None for what is no reply."""
    parent = select(Response.parent_id).where(Response.id == response_id).scalar_subquery()
    return next(iter(_read(_select().where(Response.id == parent))), None)


def get_records(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ResponseRecord]:
    """Return some responses, for moderators."""
    return {record.id: record for record in _read(_select().where(Response.id.in_(ids)))}


def _select() -> Select[*tuple[Any, ...]]:
    latest = select(func.coalesce(func.max(ResponseVersion.number), 0)).where(
        ResponseVersion.response_id == Response.id
    )
    statement: Select[*tuple[Any, ...]] = (
        select(
            Response,
            Submission.is_sample,
            Submission.channel,
            Respondent.identity_basis,
            Event,
            Question,
            Consultation,
            latest.scalar_subquery(),
            shows_redaction(),
            recording_is_stopped(),
        )
        .join(Submission, Submission.id == Response.submission_id)
        .outerjoin(Respondent, Respondent.id == Response.respondent_id)
        .outerjoin(Event, Event.id == Response.event_id)
        .outerjoin(Question, Question.id == Response.question_id)
        .outerjoin(Consultation, Consultation.id == Question.consultation_id)
        .options(selectinload(Response.consents), selectinload(Response.media).selectinload(MediaAsset.tracks))
    )
    return statement


def _read(statement: Select[*tuple[Any, ...]]) -> list[ResponseRecord]:
    rows: Sequence[Any] = db.session.execute(statement).all()
    reasons = _reasons(rows)
    standing = [row[0] for row in rows if row[0].status is not ResponseStatus.WITHDRAWN]
    chosen = chosen_words([response.id for response in standing if response.kind is ResponseKind.CHOICE])
    records = [_record(row, reasons.get(row[0].id)) for row in rows]
    return [replace(record, chosen=chosen.get(record.id, ())) for record in records]


def _reasons(rows: Sequence[Any]) -> dict[uuid.UUID, ModerationDecision]:
    """Return the decisions that say why some responses are refused or shown in part."""
    wanted: dict[uuid.UUID, ModerationAction] = {}
    for response, *_, is_redacted, is_stopped in rows:
        if response.status is ResponseStatus.REFUSED:
            wanted[response.id] = ModerationAction.REFUSE
        elif is_redacted or is_stopped:
            wanted[response.id] = ModerationAction.REDACT
    found = db.session.scalars(
        select(ModerationDecision)
        .where(ModerationDecision.response_id.in_(wanted))
        .order_by(ModerationDecision.decided_at)
    )
    return {each.response_id: each for each in found if each.action is wanted[each.response_id]}


def _record(row: Any, decision: ModerationDecision | None) -> ResponseRecord:
    response: Response = row[0]
    _, is_sample, channel, basis, event, question, consultation, version, is_redacted, is_stopped = row
    state = state_of(response)
    return ResponseRecord(
        id=response.id,
        kind=response.kind,
        body="" if state is State.WITHDRAWN else response.body,
        attribution=response.attribution,
        display_name=None if state is State.WITHDRAWN else response.display_name,
        basis=basis,
        state=state,
        received_on=response.received_on,
        language=response.language,
        depth=response.depth,
        reason=decision.reason_code if decision else None,
        note=decision.note if decision else None,
        uses={purpose: response.allows(purpose) for purpose in Purpose},
        asked=uses_of(response),
        event=event_mention(event),
        question=_question_as_asked(response, question, consultation),
        asked_otherwise=question is not None and response.question_version not in (None, question.version),
        is_sample=is_sample,
        channel=channel,
        version=version,
        is_redacted=bool(is_redacted),
        is_stopped=bool(is_stopped),
        editable_until=editable_until(response),
        by_organisation=response.by_organisation,
        is_changed=response.body != response.body_original,
        captions_until=words_taken_until(response) if response.media else None,
        recording=recording_of(response.media) if response.media and state is not State.WITHDRAWN else None,
    )


def _question_as_asked(
    response: Response, question: Question | None, consultation: Consultation | None
) -> QuestionMention | None:
    """Return the question in the words that the response answered, whatever it says now."""
    mention = question_mention(question, consultation.slug if consultation else None)
    if mention is None or question is None or response.question_version in (None, question.version):
        return mention
    return replace(mention, text=question_says(question, response.question_version).text)


def state_of(response: Response) -> State:
    """Return where a response is, as lists name it."""
    if response.status is ResponseStatus.RECEIVED:
        return State.WAITING if response.may_publish else State.UNPUBLISHABLE
    return State(response.status.value)
