"""The mails about a sitting."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engage.accounts.models import Person
from engage.consultations.models import Consultation, Question
from engage.consultations.queries import LATE
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce
from engage.mail.enums import MessageKind
from engage.mail.models import Message
from engage.mail.services import Draft, queue
from engage.media.enums import Refusal
from engage.responses.enums import ResponseKind, ResponseStatus
from engage.responses.models import AnswerDraft, ModerationDecision, Response, Submission
from engage.responses.redacting import authors_words

DRAFT = "draft"
ABOUT_DRAFT = "answer_draft"

# By which word a mail calls what came in.
_WORDS_FOR = {ResponseKind.COMMENT: "comment", ResponseKind.REPLY: "comment", ResponseKind.LIVE_QUESTION: "question"}


def queue_receipt(
    submission: Submission, *, to_addr: str, key: str, title: str, locale: str, site: Site, at: datetime
) -> None:
    """Promise the receipt to somebody who gave an address; never for an anonymous sitting (P2).

    The facts hold the form's key: the receipt code is made of it and a secret when the mail is rendered, so
    nothing in the database opens the receipt (S12).
    """
    queue(
        MessageKind.RECEIPT,
        logical_key=f"receipt:{submission.id}",
        to_addr=to_addr,
        facts={
            "receipt_key": key,
            "kind": _WORDS_FOR.get(submission.responses[0].kind, "answer"),
            "about_title": title,
            "count": len(submission.responses),
        },
        locale=locale,
        about_type="submission",
        about_id=submission.id,
        site=site,
        at=at,
    )


@dataclass(frozen=True)
class ToRead:
    """How much waits in one collection: `waiting` for a decision, `flagged` by readers while it is shown."""

    kind: str
    slug: str
    title: str
    waiting: int
    flagged: int


def to_read_draft(person: Person, collections: Sequence[ToRead], *, day: date, locale: str) -> Draft:
    """Return the mail that tells a moderator what waits; one for each day."""
    return Draft(
        MessageKind.MODERATION_DIGEST,
        logical_key=f"{MessageKind.MODERATION_DIGEST.value}:{person.id}:{day}",
        to_addr=person.email,
        facts={"name": person.name, "collections": [asdict(each) for each in collections]},
        locale=locale,
        about_type="person",
        about_id=person.id,
    )


def queue_decision(response: Response, decision: ModerationDecision, *, site: Site, at: datetime) -> bool:
    """Promise the reason of a decision to whoever was sent the receipt; tell whether there is anybody to write to.

    The receipt's own mail says where to, in which language, and what its link is made of: an anonymous sitting has
    none (P2).
    """
    receipt = _receipt_of(response)
    if receipt is None or "receipt_key" not in receipt.facts:
        return False
    queue(
        MessageKind.DECISION,
        logical_key=f"decision:{decision.id}",
        to_addr=receipt.to_addr,
        facts={
            "receipt_key": receipt.facts["receipt_key"],
            "about_title": receipt.facts["about_title"],
            "kind": response.kind.value,
            "action": decision.action.value,
            "reason": decision.reason_code and decision.reason_code.value,
            "note": decision.note or "",
            "taken_out": _taken_out(response),
        },
        locale=receipt.locale,
        about_type="submission",
        about_id=response.submission_id,
        site=site,
        at=at,
    )
    return True


def _taken_out(response: Response) -> str:
    """Return what a redaction took out: words, the recording, or both."""
    if response.media_id is None:
        return "words"
    return "recording" if response.body == authors_words(response) else "both"


def queue_draft_link(
    draft: AnswerDraft, consultation: Consultation, *, is_late: bool, site: Site, at: datetime
) -> None:
    """Promise somebody the private link to what they saved; the facts hold what it is made of, and open nothing."""
    facts = _draft_facts(draft, title=consultation.title)
    if is_late:
        facts["late"] = [LATE, str(consultation.id), consultation.nonce]
    _queue_about_draft(MessageKind.DRAFT_LINK, draft, facts, occasion=new_nonce(), site=site, at=at)


def queue_draft_reminder(draft: AnswerDraft, *, title: str, closes_at: datetime, site: Site, at: datetime) -> None:
    """Promise the one reminder that what was saved is not sent, before the consultation closes."""
    facts = {**_draft_facts(draft, title=title), "closes_at": closes_at.isoformat()}
    _queue_about_draft(MessageKind.DRAFT_REMINDER, draft, facts, occasion="closing", site=site, at=at)


def queue_answers_copy(submission: Submission, *, to_addr: str, locale: str, site: Site, at: datetime) -> None:
    """Promise somebody their own words; the mail reads them when it is written, the facts hold none."""
    queue(
        MessageKind.ANSWERS_COPY,
        logical_key=f"answers_copy:{submission.id}:{new_nonce()}",
        to_addr=to_addr,
        facts={"submission": str(submission.id)},
        locale=locale,
        about_type="submission",
        about_id=submission.id,
        site=site,
        at=at,
    )


def _draft_facts(draft: AnswerDraft, *, title: str) -> dict[str, Any]:
    return {"about_title": title, "draft": [DRAFT, str(draft.id), draft.nonce]}


def _queue_about_draft(
    kind: MessageKind, draft: AnswerDraft, facts: dict[str, Any], *, occasion: str, site: Site, at: datetime
) -> None:
    if draft.email is None:
        raise ValueError("no address was given with this draft")
    queue(
        kind,
        logical_key=f"{kind.value}:{draft.id}:{occasion}",
        to_addr=draft.email,
        facts=facts,
        locale=draft.locale,
        about_type=ABOUT_DRAFT,
        about_id=draft.id,
        site=site,
        at=at,
    )


def queue_replied(response: Response, reply: Response, *, site: Site, at: datetime) -> bool:
    """Promise word of the organisation's reply to whoever was sent the receipt; tell whether there is anybody."""
    receipt = _receipt_of(response)
    if receipt is None or "receipt_key" not in receipt.facts:
        return False
    queue(
        MessageKind.REPLIED,
        logical_key=f"replied:{reply.id}",
        to_addr=receipt.to_addr,
        facts={
            "receipt_key": receipt.facts["receipt_key"],
            "about_title": receipt.facts["about_title"],
            "reply_id": str(reply.id),
        },
        locale=receipt.locale,
        about_type="submission",
        about_id=response.submission_id,
        site=site,
        at=at,
    )
    return True


def queue_media_refused(media_id: uuid.UUID, refusal: Refusal, *, site: Site, at: datetime) -> bool:
    """Promise word that a recording could not be used to whoever was sent the receipt; tell whether there is anybody.

    Of an anonymous sitting nobody was (P2): there the receipt alone says so.
    """
    found = db.session.execute(
        select(Response, Question.number)
        .outerjoin(Question, Question.id == Response.question_id)
        .where(Response.media_id == media_id, Response.status != ResponseStatus.WITHDRAWN)
    ).first()
    receipt = None if found is None else _receipt_of(found[0])
    if found is None or receipt is None or "receipt_key" not in receipt.facts:
        return False
    queue(
        MessageKind.MEDIA_REFUSED,
        logical_key=f"media_refused:{media_id}",
        to_addr=receipt.to_addr,
        facts={
            "receipt_key": receipt.facts["receipt_key"],
            "about_title": receipt.facts["about_title"],
            "number": found[1],
            "refusal": refusal.value,
        },
        locale=receipt.locale,
        about_type="submission",
        about_id=found[0].submission_id,
        site=site,
        at=at,
    )
    return True


def _receipt_of(response: Response) -> Message | None:
    return db.session.scalar(
        select(Message).where(
            Message.kind == MessageKind.RECEIPT,
            Message.about_type == "submission",
            Message.about_id == response.submission_id,
        )
    )
