"""What the mails about somebody's own answers need."""

import uuid
from datetime import datetime
from typing import Any

from engage.kernel.i18n import N_, translate
from engage.kernel.links import draft_url, late_draft_url
from engage.kernel.settings import Site
from engage.kernel.tokens import sign_row
from engage.kernel.when import date_in_words, local_time
from engage.mail.enums import MessageKind
from engage.mail.models import Message
from engage.media.enums import MediaState
from engage.responses.records import ResponseRecord, get_receipt_by_id


def answers_context(message: Message, site: Site) -> dict[str, Any]:
    """Return the title of the consultation, the link to the draft, and in a reminder the day of the closing."""
    facts = message.facts
    token = _signed(facts["draft"], site)
    address = draft_url(site.base_url, token)
    if "late" in facts:
        address = late_draft_url(site.base_url, token, _signed(facts["late"], site))
    context = {"about_title": facts["about_title"], "links": {"draft": address}}
    if message.kind is MessageKind.DRAFT_REMINDER:
        closes_at = datetime.fromisoformat(facts["closes_at"])
        context["closes_words"] = date_in_words(local_time(closes_at, site.default_timezone), message.locale)
    return context


def copy_context(message: Message, site: Site) -> dict[str, Any]:
    """Return somebody's words as they stand when the mail is written; what was taken back is not among them."""
    receipt = get_receipt_by_id(uuid.UUID(message.facts["submission"]))
    return {
        "about_title": receipt.title,
        "answers": [
            {
                "number": record.question.number if record.question else None,
                "question": record.question.text if record.question else "",
                "paragraphs": _paragraphs(record, message.locale),
                "day": date_in_words(record.received_on, message.locale),
            }
            for record in receipt.responses
            if record.can_be_withdrawn
        ],
    }


def _paragraphs(record: ResponseRecord, locale: str) -> list[str]:
    """Return what was written and, of a recording, how long it is and what is said in it."""
    recording = record.recording
    if recording is None or not recording.takes_words:
        lines = [record.words]
    elif recording.state is MediaState.READY:
        told = translate(
            N_("With a recording of {length} minutes. It plays on your receipt."), locale, length=recording.length
        )
        lines = [record.words, told, recording.transcript]
    else:
        lines = [
            record.words,
            translate(N_("With a recording that is being made ready."), locale),
            recording.transcript,
        ]
    return [line for line in "\n".join(lines).splitlines() if line.strip()]


def _signed(seed: list[str], site: Site) -> str:
    purpose, row_id, nonce = seed
    return sign_row(site.link_secrets, purpose, uuid.UUID(row_id), nonce)
