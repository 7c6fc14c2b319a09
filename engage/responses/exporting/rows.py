"""The rows of a file, a few hundred held at a time (R33): each with the consents of that moment (P13)."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, String, func, select, type_coerce
from sqlalchemy.orm import selectinload

from engage.accounts.models import Person
from engage.consultations.models import Consultation, Question
from engage.consultations.queries import question_says
from engage.events.models import Event
from engage.kernel.db import db
from engage.media.models import MediaAsset
from engage.media.queries import Recording, recording_of
from engage.responses.choices import chosen_words
from engage.responses.enums import ModerationAction, Purpose, ResponseKind, ResponseStatus
from engage.responses.exporting.profiles import Profile, columns_of
from engage.responses.exporting.scopes import Scope
from engage.responses.models import (
    Consent,
    ModerationDecision,
    Respondent,
    RespondentIdentity,
    Response,
    Submission,
)
from engage.responses.recordings import public_recording
from engage.responses.records import State
from engage.responses.redacting import recording_is_stopped, shows_redaction

Value = str | int | bool | tuple[str, ...] | date | datetime | None
Row = tuple[Value, ...]
ORDER = (Response.status, Response.received_on, Response.id)
AT_ONCE = 500  # rows that are held in memory
_USES = tuple((f"may_{purpose.value}", purpose.value) for purpose in Purpose)


def export_rows(scope: Scope, *, at: datetime) -> Iterator[Row]:
    """Give the columns of each response, in the order of `columns_of`: by question, state and day, no finer (P4).

    Whoever reads on is given what holds by then: nothing is kept from before.
    """
    columns = columns_of(scope.profile, with_identities=scope.with_identities)
    reader = _Reader(scope, at)
    ordered = _select().where(scope.part()).order_by(*ORDER)
    for about in scope.parts():
        found = db.session.execute(ordered, {"about": about}, execution_options={"yield_per": AT_ONCE})
        for some in found.partitions():
            for row in reader.read(some):
                yield tuple(row[column] for column in columns)


def _select() -> Select[*tuple[Any, ...]]:
    purposes = func.aggregate_strings(type_coerce(Consent.purpose, String), " ")
    allowed = select(purposes).where(
        Consent.response_id == Response.id, Consent.granted, Consent.withdrawn_at.is_(None)
    )
    statement: Select[*tuple[Any, ...]] = (
        select(
            *(Response.id, Response.submission_id, Response.respondent_id, Response.kind, Response.consultation_id),
            *(Response.question_id, Response.question_version, Response.event_id, Response.parent_id),
            *(Response.by_organisation, Response.media_id, Response.language, Response.body, Response.attribution),
            *(Response.display_name, Response.status, Response.held_for, Response.received_on, Submission.channel),
            *(Respondent.kind.label("respondent_kind"), Respondent.identity_basis),
            *(shows_redaction().label("is_redacted"), recording_is_stopped().label("is_stopped")),
            allowed.scalar_subquery().label("allowed"),
        )
        .join(Submission, Submission.id == Response.submission_id)
        .outerjoin(Respondent, Respondent.id == Response.respondent_id)
    )
    return statement


@dataclass
class _Reader:
    """Turns rows of the table into rows of the file; remembers what many of them share."""

    scope: Scope
    at: datetime
    # The same person has the same mark in one file, and another one in the next: no two files can be joined by it.
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    asked: dict[tuple[uuid.UUID, int | None], tuple[int, str]] = field(default_factory=dict)
    slugs: dict[uuid.UUID | None, str | None] = field(default_factory=lambda: {None: None})

    def read(self, some: Sequence[Any]) -> Iterator[dict[str, Value]]:
        standing = [row for row in some if row.status is not ResponseStatus.WITHDRAWN]
        chosen = chosen_words([row.id for row in standing if row.kind is ResponseKind.CHOICE])
        recordings = self._recordings([row.id for row in standing if row.media_id is not None and not row.is_stopped])
        refused = _reasons([row.id for row in some if row.status is ResponseStatus.REFUSED])
        senders = _senders([row.respondent_id for row in some]) if self.scope.with_identities else {}
        for row in some:
            yield self._row(row, chosen, recordings, refused) | senders.get(row.respondent_id, _NOBODY)

    def _row(
        self,
        row: Any,
        chosen: Mapping[uuid.UUID, tuple[str, ...]],
        recordings: Mapping[uuid.UUID, Recording],
        refused: Mapping[uuid.UUID, str],
    ) -> dict[str, Value]:
        is_gone = row.status is ResponseStatus.WITHDRAWN
        number, text = self._question(row)
        recording = recordings.get(row.id)
        is_told = recording is not None and (self.scope.profile is not Profile.PUBLIC or recording.is_playable)
        allowed = frozenset((row.allowed or "").split())
        return {
            "response_id": str(row.id),
            "response": "" if is_gone else row.body,
            "choices": chosen.get(row.id, ()),
            "transcript": recording.transcript if recording else "",
            "kind": row.kind.value,
            "consultation": self._slug(Consultation, row.consultation_id),
            "question": number,
            "question_version": row.question_version,
            "question_text": text,
            "event": self._slug(Event, row.event_id),
            "in_reply_to": row.parent_id and str(row.parent_id),
            "by_organisation": row.by_organisation,
            "attribution": row.attribution.value,
            "name": None if is_gone else row.display_name,
            "respondent": self._mark(row.respondent_id or row.submission_id),
            "respondent_kind": row.respondent_kind and row.respondent_kind.value,
            "known_as": row.identity_basis and row.identity_basis.value,
            "language": row.language,
            "received_on": row.received_on,
            "channel": row.channel.value,
            "state": _state(row.status, allowed).value,
            "held_for": row.held_for and row.held_for.value,
            "refused_for": refused.get(row.id),
            "is_redacted": not is_gone and bool(row.is_redacted),
            "recording": recording.kind.value if recording and is_told else None,
            "recording_length": recording.length if recording and is_told else None,
            **{column: use in allowed for column, use in _USES},
            "exported_at": self.at,
        }

    def _mark(self, id_: uuid.UUID) -> str:
        return hmac.new(self.salt, id_.bytes, hashlib.sha256).hexdigest()[:16]

    def _question(self, row: Any) -> tuple[int | None, str | None]:
        """Return the number of the question and its words as they were answered."""
        if row.question_id is None:
            return None, None
        key = (row.question_id, row.question_version)
        if key not in self.asked:
            question = db.session.get_one(Question, row.question_id)
            self.asked[key] = question.number, question_says(question, row.question_version).text
        return self.asked[key]

    def _slug(self, model: type[Consultation | Event], id_: uuid.UUID | None) -> str | None:
        if id_ not in self.slugs:
            self.slugs[id_] = db.session.scalar(select(model.slug).where(model.id == id_))
        return self.slugs[id_]

    def _recordings(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Recording]:
        """Return what the reader of the file may know of each recording."""
        if not ids:
            return {}
        is_public = self.scope.profile is Profile.PUBLIC
        found = db.session.scalars(
            select(Response)
            .where(Response.id.in_(ids))
            .options(selectinload(Response.consents), selectinload(Response.media).selectinload(MediaAsset.tracks))
            .execution_options(populate_existing=True)
        )
        told = {
            response.id: public_recording(response) if is_public else recording_of(response.media)
            for response in found
            if response.media is not None
        }
        return {id_: recording for id_, recording in told.items() if recording is not None}


def _state(status: ResponseStatus, allowed: frozenset[str]) -> State:
    if status is not ResponseStatus.RECEIVED:
        return State(status.value)
    return State.WAITING if Purpose.PUBLISH_SITE.value in allowed else State.UNPUBLISHABLE


def _reasons(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return why each was refused: what was said the last time."""
    if not ids:
        return {}
    found = db.session.execute(
        select(ModerationDecision.response_id, ModerationDecision.reason_code)
        .where(ModerationDecision.response_id.in_(ids), ModerationDecision.action == ModerationAction.REFUSE)
        .order_by(ModerationDecision.decided_at)
    )
    return {response_id: reason.value for response_id, reason in found if reason is not None}


_NOBODY: dict[str, Value] = {"sender_name": None, "sender_email": None, "sender_organisation": None}


def _senders(ids: Sequence[uuid.UUID | None]) -> dict[uuid.UUID | None, dict[str, Value]]:
    """Return whose the responses are, by respondent; of the anonymous there is none."""
    found = db.session.execute(
        select(
            Respondent.id,
            func.coalesce(RespondentIdentity.name, Person.name),
            func.coalesce(RespondentIdentity.email, Person.email),
            func.coalesce(Respondent.organisation_name, Person.organisation),
        )
        .outerjoin(RespondentIdentity, RespondentIdentity.respondent_id == Respondent.id)
        .outerjoin(Person, Person.id == RespondentIdentity.person_id)
        .where(Respondent.id.in_({id_ for id_ in ids if id_ is not None}))
    )
    return {id_: dict(zip(_NOBODY, who, strict=True)) for id_, *who in found}
