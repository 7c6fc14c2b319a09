"""Answers that are saved to come back to, by a private link, until they are sent.

A draft may become an anonymous sitting, which nothing may be joined to (P2). So its acts are recorded as those of
nobody, by the day; and when it is sent or deleted the row goes, and the mails about it forget whom they went to.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from engage.audit.services import record_anonymous
from engage.consultations.enums import ConsultationStatus
from engage.consultations.models import Consultation
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.submission_keys import use_once
from engage.kernel.text import clean, normalise_email
from engage.kernel.tokens import read_row_id, sha256_hex, sign_row, verify_row
from engage.mail.services import erase_messages
from engage.responses.enums import Attribution
from engage.responses.errors import AnonymousWithEmailError, DraftNotFoundError, EmailUnusableError, StaleDraftError
from engage.responses.mails import ABOUT_DRAFT, DRAFT, queue_draft_link, queue_draft_reminder
from engage.responses.models import AnswerDraft
from engage.responses.services.receiving import get_open_consultation

KEEP_AFTER_CLOSING = timedelta(days=30)
REMIND_BEFORE = timedelta(hours=48)
REMIND = "drafts.remind"
BATCH = 100
VERSION_LENGTH = 24


def draft_token(draft: AnswerDraft, site: Site) -> str:
    """Return the token of a draft's private link."""
    return sign_row(site.link_secrets, DRAFT, draft.id, draft.nonce)


def get_draft(token: str, *, site: Site) -> AnswerDraft:
    """Return the draft that a private link opens. Raises DraftNotFoundError, also once it was sent or deleted."""
    draft_id = read_row_id(token)
    draft = db.session.get(AnswerDraft, draft_id) if draft_id else None
    if draft is None or not verify_row(site.link_secrets, token, DRAFT, draft.id, draft.nonce):
        raise DraftNotFoundError
    return draft


def draft_version(draft: AnswerDraft) -> str:
    """Return what tells one state of a draft from another: a digest, since it is kept without a count."""
    return sha256_hex(json.dumps([draft.answers, draft.email], sort_keys=True))[:VERSION_LENGTH]


def save_draft(
    consultation_id: uuid.UUID,
    *,
    fields: Mapping[str, Any],
    email: str | None,
    key: str,
    late: str = "",
    locale: str,
    site: Site,
    at: datetime,
) -> str:
    """Keep what was typed so far, mail its link where an address is given, and return the token of that link.

    `fields` are the form's, by name; `key` is the form's, so that a double click makes one draft (R8); `late` is the
    token of the organiser's late link. Raises what `get_open_consultation` raises, EmailUnusableError, and
    AnonymousWithEmailError: an address would be kept beside words that are to be nobody's.
    """
    consultation = get_open_consultation(consultation_id, late=late, site=site, at=at)
    draft = AnswerDraft(
        id=uuid.uuid4(),
        consultation_id=consultation.id,
        email=_address(email, fields),
        locale=locale,
        answers=dict(fields),
        created_at=at,
        updated_at=at,
    )
    earlier = use_once(key, at=at, result=str(draft.id))
    if earlier is not None:
        first = db.session.get(AnswerDraft, uuid.UUID(earlier.result))
        if first is None:
            raise DraftNotFoundError
        return draft_token(first, site)
    db.session.add(draft)
    db.session.flush()
    record_anonymous("web:draft:save", f"consultation:{consultation.id}", at=at)
    _tell(draft, consultation, late=late, site=site, at=at)
    return draft_token(draft, site)


def change_draft(
    token: str,
    *,
    fields: Mapping[str, Any],
    email: str | None,
    version: str,
    late: str = "",
    site: Site,
    at: datetime,
) -> None:
    """Keep what was typed since. `version` is the state that its author saw (R11).

    Raises what `save_draft` raises, DraftNotFoundError, StaleDraftError.
    """
    draft = _locked(token, site=site)
    consultation = get_open_consultation(draft.consultation_id, late=late, site=site, at=at)
    address, before = _address(email, fields), draft.email
    if draft.answers == dict(fields) and address == before:  # the same click twice
        return
    _refuse_stale(draft, version)
    draft.answers, draft.email, draft.updated_at = dict(fields), address, at
    if before is not None and before != address:
        _forget_mails(draft, before)
    db.session.flush()
    record_anonymous("web:draft:save", f"consultation:{consultation.id}", at=at)
    if address != before:
        _tell(draft, consultation, late=late, site=site, at=at)


def end_draft(token: str, *, version: str, site: Site, at: datetime) -> None:
    """Delete a draft because it is sent. Raises DraftNotFoundError, StaleDraftError: not all of it would be sent."""
    draft = _locked(token, site=site)
    _refuse_stale(draft, version)
    _delete(draft, at=at)


def delete_draft(token: str, *, site: Site, at: datetime) -> None:
    """Delete a draft that its author wants gone. Raises DraftNotFoundError."""
    _delete(_locked(token, site=site), at=at)


def _delete(draft: AnswerDraft, *, at: datetime) -> None:
    record_anonymous("web:draft:delete", f"consultation:{draft.consultation_id}", at=at)
    _forget(draft)


def promise_reminders(*, at: datetime) -> int:
    """Promise the reminder before each closing that drafts wait for; returns how many are new.

    One whose closing was moved is promised again for the new one; the old one then finds nothing to do.
    """
    waiting = select(AnswerDraft.consultation_id).where(
        AnswerDraft.email.is_not(None), AnswerDraft.reminded_at.is_(None)
    )
    consultations = db.session.scalars(
        select(Consultation).where(Consultation.status == ConsultationStatus.OPEN, Consultation.id.in_(waiting))
    )
    return sum(_promise_reminder(consultation, at=at) for consultation in consultations)


def remind_of_drafts(consultation_id: uuid.UUID, *, site: Site, at: datetime) -> bool:
    """Remind a batch of those who saved an answer and gave an address, each once; tell whether there may be more."""
    consultation = db.session.get(Consultation, consultation_id)
    if consultation is None or not consultation.is_open(at) or consultation.closes_at - at > REMIND_BEFORE:
        return False
    drafts = db.session.scalars(
        select(AnswerDraft)
        .where(
            AnswerDraft.consultation_id == consultation_id,
            AnswerDraft.email.is_not(None),
            AnswerDraft.reminded_at.is_(None),
        )
        .order_by(AnswerDraft.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for draft in drafts:
        draft.reminded_at = at
        queue_draft_reminder(draft, title=consultation.title, closes_at=consultation.closes_at, site=site, at=at)
    db.session.flush()
    return len(drafts) == BATCH


def forget_old_drafts(*, at: datetime) -> int:
    """Delete what nobody sent, thirty days after the closing and after late answers; returns how many."""
    long_ago = at - KEEP_AFTER_CLOSING
    last_day = func.coalesce(Consultation.late_until, Consultation.closes_at)
    drafts = db.session.scalars(
        select(AnswerDraft)
        .join(Consultation, Consultation.id == AnswerDraft.consultation_id)
        .where(Consultation.closes_at < long_ago, or_(Consultation.late_until.is_(None), last_day < long_ago))
    ).all()
    for draft in drafts:
        _forget(draft)
    return len(drafts)


def _address(email: str | None, fields: Mapping[str, Any]) -> str | None:
    if not clean(email or ""):
        return None
    if fields.get("attribution") == Attribution.ANONYMOUS:
        raise AnonymousWithEmailError
    try:
        return normalise_email(email or "")
    except ValueError as error:
        raise EmailUnusableError from error


def _tell(draft: AnswerDraft, consultation: Consultation, *, late: str, site: Site, at: datetime) -> None:
    if draft.email is None:
        return
    queue_draft_link(draft, consultation, is_late=bool(late), site=site, at=at)
    _promise_reminder(consultation, at=at)


def _promise_reminder(consultation: Consultation, *, at: datetime) -> bool:
    run_at = consultation.closes_at - REMIND_BEFORE
    if run_at <= at:  # who saves so late has just been told
        return False
    key = f"{REMIND}:{consultation.id}:{consultation.closes_at.isoformat()}"
    return jobs.defer_once(REMIND, at=at, run_at=run_at, dedupe_key=key, consultation=str(consultation.id))


def _refuse_stale(draft: AnswerDraft, version: str) -> None:
    if version != draft_version(draft):
        raise StaleDraftError


def _locked(token: str, *, site: Site) -> AnswerDraft:
    draft = get_draft(token, site=site)
    statement = select(AnswerDraft).where(AnswerDraft.id == draft.id).with_for_update()
    held = db.session.scalar(statement, execution_options={"populate_existing": True})
    if held is None:
        raise DraftNotFoundError
    return held


def _forget(draft: AnswerDraft) -> None:
    if draft.email is not None:
        _forget_mails(draft, draft.email)
    db.session.delete(draft)
    db.session.flush()


def _forget_mails(draft: AnswerDraft, address: str) -> None:
    erase_messages(ABOUT_DRAFT, draft.id, address=address, masked=f"erased-{uuid.uuid4().hex}@erased.invalid")
