"""What anyone may read: published responses by an allow-list of fields (P6), and the privacy notice."""

import itertools
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from engage.consultations.models import Consultation, Question
from engage.events.models import Event
from engage.kernel.db import db
from engage.media.models import MediaAsset
from engage.media.queries import Recording
from engage.responses.choices import chosen_words
from engage.responses.counts import is_shown
from engage.responses.enums import AnswerWay, Attribution, Channel, ResponseKind, ResponseStatus
from engage.responses.errors import ResponseNotFoundError
from engage.responses.models import PrivacyNotice, Response, Submission
from engage.responses.recordings import public_recording
from engage.responses.redacting import recording_is_stopped, shows_redaction
from engage.responses.votes import Tally, tallies
from engage.responses.ways import way_of

PAGE_LENGTH = 20
LAST_PAGE = 10_000


@dataclass(frozen=True)
class EventMention:
    """The event after which a comment came."""

    slug: str
    title: str
    starts_at: datetime
    timezone: str


@dataclass(frozen=True)
class QuestionMention:
    """The question that a response is about."""

    consultation_slug: str
    number: int
    text: str


@dataclass(frozen=True)
class PublicResponse:
    """A response as anyone may see it, with what was replied to it.

    `received_on` is a day in UTC; there is no time. `is_gone` marks the place of one that its author took
    back, `is_hidden` of one that is not shown now and has replies: then there are no words and no name.
    `is_redacted`: a moderator took some of the words out; `is_stopped`: the recording.
    """

    id: uuid.UUID
    kind: ResponseKind
    body: str
    attribution: Attribution
    display_name: str | None
    received_on: date
    language: str
    is_gone: bool
    is_sample: bool
    event: EventMention | None
    question: QuestionMention | None
    recording: Recording | None
    channel: Channel = Channel.WEB
    chosen: tuple[str, ...] = ()
    parent_id: uuid.UUID | None = None
    depth: int = 0
    by_organisation: bool = False
    is_hidden: bool = False
    is_redacted: bool = False
    is_stopped: bool = False
    answered_at_s: int | None = None
    tally: Tally = field(default_factory=Tally)
    replies: Sequence["PublicResponse"] = field(default=())

    @property
    def words(self) -> str:
        """What was chosen and what was written, each line a paragraph."""
        return "\n".join(filter(None, (*self.chosen, self.body)))

    @property
    def way(self) -> AnswerWay:
        """How an answer was given."""
        return way_of(self)

    @property
    def has_words(self) -> bool:
        """Whether it is more than a place that is kept."""
        return not (self.is_gone or self.is_hidden)

    def thread(self) -> Iterable["PublicResponse"]:
        """Return it and everything under it, as it is read."""
        yield self
        for reply in self.replies:
            yield from reply.thread()


@dataclass(frozen=True)
class ResponsePage:
    """Some threads of a longer list, by their roots; pages count from 1 and `total` counts roots."""

    items: list[PublicResponse]
    number: int
    last: int
    total: int


def current_notice(language: str, *, at: datetime) -> PrivacyNotice:
    """Return the privacy notice that holds at a moment: in the language, else in the site's first one.

    The first version holds for all that came before it too, such as what is imported.
    """
    notices = db.session.scalars(
        select(PrivacyNotice).order_by(PrivacyNotice.version.desc(), PrivacyNotice.language)
    ).all()
    if not notices:
        raise LookupError("there is no privacy notice: the first migration writes version 1")
    day = at.astimezone(UTC).date()
    holding = next((n.version for n in notices if n.effective_from <= day), notices[-1].version)
    versions = [notice for notice in notices if notice.version == holding]
    return next((notice for notice in versions if notice.language == language), versions[0])


def responses_to_question(
    question_id: uuid.UUID, *, kinds: Collection[ResponseKind] | None = None, page: int = 1
) -> ResponsePage:
    """Return what was said about a question, by day, never by arrival within a day (P4); replies under their root."""
    return _page(Response.question_id == question_id, kinds=kinds, page=page)


def comments_on_event(event_id: uuid.UUID, *, page: int = 1) -> ResponsePage:
    """Return the comments on an event, those on its questions with them; replies under their root."""
    return _page(Response.event_id == event_id, kinds=[ResponseKind.COMMENT], page=page)


def latest_public(limit: int) -> list[PublicResponse]:
    """Return some recent published responses, without the places of withdrawn ones: for the home page.

    A reply, or a question to the speakers, says little away from where it stands.
    """
    alone = and_(Response.parent_id.is_(None), Response.kind != ResponseKind.LIVE_QUESTION)
    return _read_some(select(Response.id).where(is_shown(), alone).order_by(*_NEWEST_FIRST).limit(limit))


def get_shown(response_id: uuid.UUID) -> PublicResponse:
    """Return one response that anyone may read, without its replies. Raises ResponseNotFoundError (S48)."""
    found = _read(_select().where(Response.id == response_id, is_shown()))
    if not found:
        raise ResponseNotFoundError
    return found[0]


def shown_where(*conditions: ColumnElement[bool]) -> list[PublicResponse]:
    """Return the responses that anyone may read and that a condition fits, with their votes."""
    return _threads(_read(_select().where(is_shown(), *conditions)))


def get_thread(response_id: uuid.UUID) -> PublicResponse:
    """Return the whole thread that a public response stands in, from its root. Raises ResponseNotFoundError."""
    root = db.session.scalar(select(func.coalesce(Response.root_id, Response.id)).where(Response.id == response_id))
    thread = _threads(_read(_select().where(Response.id == root)))
    if not thread or all(each.id != response_id for each in thread[0].thread()):
        raise ResponseNotFoundError
    return thread[0]


def _page(about: ColumnElement[bool], *, kinds: Collection[ResponseKind] | None, page: int) -> ResponsePage:
    reply = aliased(Response)
    # SQLite keeps no statistics: by a bare status it would read all that is published, for each root.
    is_public = func.coalesce(reply.status, "") == ResponseStatus.PUBLISHED.value
    replied = select(reply.id).where(reply.root_id == Response.id, is_public).exists()
    gone = and_(Response.status == ResponseStatus.WITHDRAWN, Response.leaves_gap)
    wanted = and_(about, Response.parent_id.is_(None), or_(is_shown(), gone, replied))
    if kinds is not None:
        wanted = and_(wanted, Response.kind.in_(kinds))
    total = db.session.scalar(select(func.count()).select_from(Response).where(wanted)) or 0
    last = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, page), last)
    roots = select(Response.id).where(wanted).order_by(*_NEWEST_FIRST)
    items = _threads(_read_some(roots.offset((number - 1) * PAGE_LENGTH).limit(PAGE_LENGTH)))
    return ResponsePage(items, number, last, total)


def _read_some(ids: Select[uuid.UUID]) -> list[PublicResponse]:
    """Read some responses of many: all that is told of them is looked up for those alone."""
    return _read(_select().where(Response.id.in_(db.session.scalars(ids).all())).order_by(*_NEWEST_FIRST))


def _threads(roots: list[PublicResponse]) -> list[PublicResponse]:
    """Return roots with their replies, the oldest day first; what nobody may see stays only where it bears others."""
    under: dict[uuid.UUID, list[PublicResponse]] = defaultdict(list)
    if roots:
        among = _select().where(Response.root_id.in_([root.id for root in roots]))
        for reply in _read(among.order_by(Response.received_on, Response.id)):
            if reply.parent_id is not None:
                under[reply.parent_id].append(reply)
    counted = tallies([each.id for each in (*roots, *itertools.chain(*under.values())) if each.event is not None])
    whole = (_with_replies(root, under, counted) for root in roots)
    return [root for root in whole if root is not None]


def _with_replies(
    response: PublicResponse, under: dict[uuid.UUID, list[PublicResponse]], counted: dict[uuid.UUID, Tally]
) -> PublicResponse | None:
    replies = [reply for each in under[response.id] if (reply := _with_replies(each, under, counted)) is not None]
    tally = counted.get(response.id, Tally()) if response.has_words else Tally()
    return None if response.is_hidden and not replies else replace(response, replies=replies, tally=tally)


def _select() -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            Response,
            is_shown(),
            Submission.is_sample,
            Submission.channel,
            Event,
            Question,
            Consultation.slug,
            shows_redaction(),
            recording_is_stopped(),
        )
        .join(Submission, Submission.id == Response.submission_id)
        .outerjoin(Event, Event.id == Response.event_id)
        .outerjoin(Question, Question.id == Response.question_id)
        .outerjoin(Consultation, Consultation.id == Question.consultation_id)
        .options(selectinload(Response.media).selectinload(MediaAsset.tracks))
    )
    return statement


def _read(statement: Select[*tuple[Any, ...]]) -> list[PublicResponse]:
    found = [_public(row) for row in db.session.execute(statement)]
    chosen = chosen_words([each.id for each in found if each.kind is ResponseKind.CHOICE and each.has_words])
    return [replace(each, chosen=chosen[each.id]) if each.id in chosen else each for each in found]


def _public(row: Any) -> PublicResponse:
    response: Response = row[0]
    _, shown, is_sample, channel, event, question, slug, is_redacted, is_stopped = row
    is_gone = response.status is ResponseStatus.WITHDRAWN and response.leaves_gap
    return PublicResponse(
        id=response.id,
        kind=response.kind,
        body=response.body if shown else "",
        attribution=response.attribution,
        display_name=response.display_name if shown else None,
        received_on=response.received_on,
        language=response.language,
        is_gone=is_gone,
        is_sample=is_sample,
        channel=channel,
        event=event_mention(event),
        question=question_mention(question, slug),
        parent_id=response.parent_id,
        depth=response.depth,
        by_organisation=response.by_organisation,
        is_hidden=not shown and not is_gone,
        answered_at_s=response.answered_at_s,
        is_redacted=bool(shown and is_redacted),
        is_stopped=bool(shown and is_stopped),
        recording=public_recording(response) if shown and not is_stopped else None,
    )


def event_mention(event: Event | None) -> EventMention | None:
    """Return how a list names an event."""
    return EventMention(event.slug, event.title, event.starts_at, event.timezone) if event else None


def question_mention(question: Question | None, slug: str | None) -> QuestionMention | None:
    """Return how a list names a question."""
    return QuestionMention(slug, question.number, question.text) if question and slug else None


_NEWEST_FIRST = (Response.received_on.desc(), Response.id)
