"""A sitting: what answers and comments are stored by. One sitting, one transaction, one receipt."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from engage.audit.services import record, record_anonymous
from engage.consultations.models import Consultation
from engage.events.models import Event
from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.text import clean, says_nothing
from engage.kernel.tokens import receipt_code, sha256_hex
from engage.media.enums import MediaKind
from engage.media.services import Given, take_in_given
from engage.responses.consents import MEDIA_WORDINGS
from engage.responses.enums import Channel, Purpose, ResponseKind
from engage.responses.errors import TooLongError
from engage.responses.mails import queue_receipt
from engage.responses.models import Consent, Response, ResponseChoice, Submission
from engage.responses.queries import current_notice
from engage.responses.services.first_state import settle
from engage.responses.services.senders import Naming, Sender, respondent_for

LONGEST_BODY = 5000


@dataclass(frozen=True)
class Chosen:
    """An option that an answer chose; `other` is what was written beside "other"."""

    option_id: uuid.UUID
    other: str | None = None


@dataclass(frozen=True)
class Piece:
    """One text of a sitting: what it is, what it is about, and what it replies to.

    An answer is to one version of its question; a confidential one goes nowhere, whatever the sitting agreed to.
    """

    kind: ResponseKind
    body: str
    consultation_id: uuid.UUID | None
    question_id: uuid.UUID | None
    question_version: int | None = None
    chosen: tuple[Chosen, ...] = ()
    is_confidential: bool = False
    parent: Response | None = None
    recording: Given | None = None


@dataclass(frozen=True)
class Paper:
    """How words came that somebody typed in for their author: by post, phone or e-mail, on a day, and who typed."""

    channel: Channel
    received_on: date
    entered_by: uuid.UUID | None


@dataclass(frozen=True)
class Sitting:
    """What all texts of a sitting share. `paper` is of one that did not come through the site."""

    naming: Naming
    sender: Sender
    consents: frozenset[Purpose]
    wordings: Mapping[Purpose, str]
    key: str
    language: str
    is_sample: bool
    site: Site
    at: datetime
    paper: Paper | None = None

    @property
    def received_at(self) -> datetime:
        """When the words came: of those on paper the day is known."""
        return self.at if self.paper is None else datetime.combine(self.paper.received_on, time(), UTC)


def body_of(text: str, *, field: str) -> str:
    """Return the words as they are kept, "" for what nobody could read. Raises TooLongError (over 5,000 characters)."""
    body = clean(text, multiline=True)
    if says_nothing(body):
        return ""
    if len(body) > LONGEST_BODY:
        raise TooLongError(field, length=len(body), limit=LONGEST_BODY)
    return body


def store(sitting: Sitting, pieces: Sequence[Piece], *, about: Consultation | Event) -> None:
    """Write the rows; those of an anonymous sitting know the day and nobody, and promise no mail and no job."""
    is_event = isinstance(about, Event)
    collection = f"event:{about.id}" if is_event else f"consultation:{about.id}"
    respondent = respondent_for(sitting.naming, sitting.sender)
    submission = Submission(
        respondent_id=respondent and respondent.id,
        consultation_id=None if is_event else about.id,
        event_id=about.id if is_event else None,
        receipt_hash=sha256_hex(receipt_code(sitting.site.link_secrets, sitting.key)),
        channel=_channel(sitting, is_event=is_event),
        entered_by=None if sitting.paper is None or sitting.naming.is_anonymous else sitting.paper.entered_by,
        is_sample=sitting.is_sample,
        responses=[],
    )
    db.session.add(submission)
    notice_id = current_notice(sitting.language, at=sitting.at).id
    for piece in pieces:
        response = _response(sitting, piece, respondent_id=submission.respondent_id)
        response.event_id = submission.event_id
        response.agree([] if piece.is_confidential else _consents(sitting, piece, notice_id=notice_id))
        if piece.recording is not None:
            response.media = take_in_given(piece.recording, at=sitting.at)
        submission.responses.append(response)
    db.session.flush()
    settle(submission.responses, about, arrival=sitting.sender.arrival, site=sitting.site, at=sitting.at)
    if sitting.naming.is_anonymous:
        record_anonymous("web:submission:receive", collection, at=sitting.at)
        return
    record(
        "web:submission:receive",
        f"submission:{submission.id}",
        at=sitting.at,
        actor=sitting.sender.person_id if sitting.paper is None else sitting.paper.entered_by,
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


def _channel(sitting: Sitting, *, is_event: bool) -> Channel:
    if sitting.paper is not None:
        return sitting.paper.channel
    return Channel.EVENT if is_event else Channel.WEB


def _response(sitting: Sitting, piece: Piece, *, respondent_id: uuid.UUID | None) -> Response:
    return Response(
        respondent_id=respondent_id,
        kind=piece.kind,
        consultation_id=piece.consultation_id,
        question_id=piece.question_id,
        question_version=piece.question_version,
        choices=[ResponseChoice(option_id=each.option_id, other_text=each.other) for each in piece.chosen],
        parent_id=piece.parent and piece.parent.id,
        root_id=piece.parent and (piece.parent.root_id or piece.parent.id),
        depth=piece.parent.depth + 1 if piece.parent else 0,
        language=sitting.language,
        body_original=piece.body,
        attribution=sitting.naming.attribution,
        display_name=sitting.naming.shown,
        received_on=sitting.received_at.astimezone(UTC).date(),
    )


def _consents(sitting: Sitting, piece: Piece, *, notice_id: uuid.UUID) -> list[Consent]:
    """Return one row for each use, given or not, with the words that were shown (P12); of a voice only where one is."""
    at = start_of_day(sitting.at) if sitting.naming.is_anonymous else sitting.received_at
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
        if purpose not in MEDIA_WORDINGS or purpose in _shown_by(piece.recording)
    ]


def _shown_by(recording: Given | None) -> frozenset[Purpose]:
    """Return what a recording shows of a person, which is asked about by itself (rule 6)."""
    if recording is None:
        return frozenset()
    return frozenset(MEDIA_WORDINGS) if recording.kind is MediaKind.VIDEO else frozenset({Purpose.MEDIA_VOICE})
