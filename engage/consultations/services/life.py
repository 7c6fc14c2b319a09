"""The life of a consultation: drafted, changed, opened, extended, closed, withdrawn."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from engage.audit.services import record
from engage.consultations.enums import ConsultationPhase, ConsultationStatus
from engage.consultations.errors import (
    AddressTakenError,
    ClosesBeforeOpeningError,
    ClosesInThePastError,
    DatesFixedError,
    LateBeforeClosingError,
    NoQuestionsError,
    NotADraftError,
    NotClosedYetError,
    NotOpenedYetError,
    NotOpenError,
    StaleConsultationError,
    WithdrawnError,
)
from engage.consultations.models import Consultation
from engage.consultations.queries import lock_consultation
from engage.consultations.services.details import ConsultationDetails, Times, choose_slug
from engage.kernel.db import db
from engage.kernel.tokens import new_nonce
from engage.kernel.when import WallTime

SHORTEST = timedelta(seconds=1)
NOT_OPEN_YET = (ConsultationPhase.DRAFT, ConsultationPhase.COMING)
OVER = (ConsultationPhase.LATE, ConsultationPhase.CLOSED, ConsultationPhase.ANALYSING, ConsultationPhase.ANSWERED)


def draft_consultation(
    details: ConsultationDetails, times: Times, *, slug: str | None, at: datetime, actor: uuid.UUID | None
) -> Consultation:
    """Make a draft without questions.

    Raises TitleMissingError, ContactError, HoldRulesMissingError, ClosesBeforeOpeningError, AddressTakenError,
    AddressShapeError, and what `kernel.when.resolve_local` raises.
    """
    consultation = Consultation(
        id=uuid.uuid4(),
        slug=choose_slug(details.title, slug),
        status=ConsultationStatus.DRAFT,
        created_at=at,
        **details.checked(),
    )
    _set_times(consultation, times)
    try:
        with db.session.begin_nested():
            db.session.add(consultation)
    except IntegrityError as error:  # somebody took the address in this moment
        raise AddressTakenError(slug=consultation.slug) from error
    record(
        "organiser:consultation:create", object_of(consultation), at=at, actor=actor, after={"slug": consultation.slug}
    )
    return consultation


def change_consultation(
    consultation_id: uuid.UUID,
    details: ConsultationDetails,
    times: Times | None,
    *,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> bool:
    """Change its words and rules, and its times while it has not opened; False if nothing was different.

    `version` is the one that the organiser saw. Raises StaleConsultationError, WithdrawnError, DatesFixedError,
    ClosesInThePastError, and what `draft_consultation` raises.
    """
    given = details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    before = {name: getattr(consultation, name) for name in (*given, "opens_at", "closes_at")}
    for name, value in given.items():
        setattr(consultation, name, value)
    if times is not None:
        if consultation.phase(at) not in NOT_OPEN_YET:
            raise DatesFixedError
        _set_times(consultation, times)
        if consultation.status is ConsultationStatus.OPEN:
            _begin_no_earlier(consultation, at)
    changed = sorted(name for name, value in before.items() if getattr(consultation, name) != value)
    if changed:
        note_change(consultation, "update", at=at, actor=actor, after={"changed": changed})
    return bool(changed)


def open_consultation(consultation_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> Consultation:
    """Let everybody see a draft, and answer it from its opening; one that lies behind is now.

    Raises NotADraftError, NoQuestionsError, ClosesInThePastError.
    """
    consultation = lock_consultation(consultation_id)
    if consultation.status is not ConsultationStatus.DRAFT:
        raise NotADraftError
    if not consultation.questions:
        raise NoQuestionsError
    _begin_no_earlier(consultation, at)
    consultation.status = ConsultationStatus.OPEN
    note_change(consultation, "open", at=at, actor=actor)
    return consultation


def move_closing(
    consultation_id: uuid.UUID, closes: WallTime, *, timezone: str, at: datetime, actor: uuid.UUID | None
) -> Consultation:
    """Let it close at another moment that is still to come; one that has closed is open again.

    Raises NotOpenError of a draft, WithdrawnError, ClosesInThePastError, ClosesBeforeOpeningError, and what
    `kernel.when.resolve_local` raises.
    """
    closes_at = closes.instant(timezone)
    consultation = lock_consultation(consultation_id)
    _refuse_withdrawn(consultation)
    if consultation.status is ConsultationStatus.DRAFT:
        raise NotOpenError
    if closes_at <= at:
        raise ClosesInThePastError
    if closes_at <= consultation.opens_at:
        raise ClosesBeforeOpeningError
    before, after = ({"closes_at": moment.isoformat()} for moment in (consultation.closes_at, closes_at))
    consultation.closes_at, consultation.status = closes_at, ConsultationStatus.OPEN
    _end_late(consultation)
    note_change(consultation, "extend", at=at, actor=actor, before=before, after=after)
    return consultation


def close_consultation(consultation_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> Consultation:
    """Take no more answers from now on. Raises NotOpenError."""
    consultation = lock_consultation(consultation_id)
    if not consultation.is_open(at):
        raise NotOpenError
    consultation.status = ConsultationStatus.CLOSED
    consultation.closes_at = max(at, consultation.opens_at + SHORTEST)
    note_change(consultation, "close", at=at, actor=actor)
    return consultation


def take_late_answers(
    consultation_id: uuid.UUID, until: WallTime, *, timezone: str, at: datetime, actor: uuid.UUID | None
) -> Consultation:
    """Take answers after the closing from whoever has the late link, until a moment; whoever analyses waits for them.

    Raises NotOpenedYetError, WithdrawnError, LateBeforeClosingError, and what `kernel.when.resolve_local` raises.
    """
    late_until = until.instant(timezone)
    consultation = lock_consultation(consultation_id)
    _refuse_withdrawn(consultation)
    if consultation.phase(at) not in OVER:
        raise NotOpenedYetError
    if late_until <= max(at, consultation.closes_at):
        raise LateBeforeClosingError
    consultation.status, consultation.late_until = ConsultationStatus.CLOSED, late_until
    note_change(consultation, "take_late", at=at, actor=actor, after={"late_until": late_until.isoformat()})
    return consultation


def end_late_answers(consultation_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> Consultation:
    """Take no more late answers; the link that was handed out opens nothing any more, also later."""
    consultation = lock_consultation(consultation_id)
    if consultation.late_until is not None:
        _end_late(consultation)
        note_change(consultation, "end_late", at=at, actor=actor)
    return consultation


def analyse_consultation(consultation_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> Consultation:
    """Tell people that what was said is being worked through. Raises what `_go_on` raises."""
    return _go_on(consultation_id, ConsultationStatus.ANALYSING, at=at, actor=actor)


def answer_consultation(consultation_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> Consultation:
    """Tell people that what we make of it is published. Raises what `_go_on` raises."""
    return _go_on(consultation_id, ConsultationStatus.ANSWERED, at=at, actor=actor)


def _go_on(
    consultation_id: uuid.UUID, status: ConsultationStatus, *, at: datetime, actor: uuid.UUID | None
) -> Consultation:
    """Go on, or back, after the closing; late answers end. A second time changes nothing.

    Raises WithdrawnError, and NotClosedYetError while people can still answer, or could not yet.
    """
    consultation = lock_consultation(consultation_id)
    _refuse_withdrawn(consultation)
    if consultation.phase(at) not in OVER:
        raise NotClosedYetError
    if consultation.status is not status:
        before, after = {"status": consultation.status.value}, {"status": status.value}
        consultation.status = status
        _end_late(consultation)
        note_change(consultation, status.value, at=at, actor=actor, before=before, after=after)
    return consultation


def withdraw_consultation(consultation_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> Consultation:
    """Take back what was announced: the page stays and says so. A second time changes nothing.

    Raises NotOpenError of a draft, which nobody has seen.
    """
    consultation = lock_consultation(consultation_id)
    if consultation.status is ConsultationStatus.DRAFT:
        raise NotOpenError
    if consultation.status is not ConsultationStatus.WITHDRAWN:
        consultation.status = ConsultationStatus.WITHDRAWN
        _end_late(consultation)
        note_change(consultation, "withdraw", at=at, actor=actor)
    return consultation


def lock_changeable(consultation_id: uuid.UUID, *, version: int) -> Consultation:
    """Hold a consultation as its organiser saw it. Raises StaleConsultationError, WithdrawnError."""
    consultation = lock_consultation(consultation_id)
    _refuse_withdrawn(consultation)
    if consultation.version != version:
        raise StaleConsultationError
    return consultation


def note_change(
    consultation: Consultation,
    action: str,
    *,
    at: datetime,
    actor: uuid.UUID | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Count a change of a consultation, or of anything in it, and note who made it."""
    consultation.version += 1
    consultation.updated_at = at
    db.session.flush()
    what = f"organiser:consultation:{action}"
    record(what, object_of(consultation), at=at, actor=actor, before=before, after=after)


def object_of(consultation: Consultation) -> str:
    """Return how the audit log names a consultation."""
    return f"consultation:{consultation.id}"


def _set_times(consultation: Consultation, times: Times) -> None:
    consultation.opens_at, consultation.closes_at = times.opens_at(), times.closes_at()
    if consultation.closes_at <= consultation.opens_at:
        raise ClosesBeforeOpeningError


def _begin_no_earlier(consultation: Consultation, at: datetime) -> None:
    if consultation.closes_at <= at:
        raise ClosesInThePastError
    consultation.opens_at = max(consultation.opens_at, at)


def _end_late(consultation: Consultation) -> None:
    consultation.late_until, consultation.nonce = None, new_nonce()


def _refuse_withdrawn(consultation: Consultation) -> None:
    if consultation.status is ConsultationStatus.WITHDRAWN:
        raise WithdrawnError
