"""The sources that a consultation's texts cite."""

import uuid
from datetime import datetime

from engage.consultations.errors import (
    FootnoteNumberError,
    FootnoteTextError,
    FootnoteUrlError,
    FrameworkNotFoundError,
)
from engage.consultations.models import Footnote
from engage.consultations.services.frameworks import framework_of
from engage.consultations.services.life import lock_changeable, note_change
from engage.kernel.text import clean, clean_url

MOST = 999


def add_footnote(
    consultation_id: uuid.UUID,
    *,
    framework_id: uuid.UUID | None,
    number: int,
    text: str,
    url: str,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> Footnote:
    """List a source of the consultation's own texts, or of what a framework lists.

    Raises FootnoteNumberError, FootnoteTextError, FootnoteUrlError, FrameworkNotFoundError, and what
    `lock_changeable` raises.
    """
    words = clean(text, limit=1000)
    if not words:
        raise FootnoteTextError
    address = clean_url(url) if url.strip() else None
    if url.strip() and (address is None or len(address) > 500):
        raise FootnoteUrlError
    consultation = lock_changeable(consultation_id, version=version)
    notes = consultation.footnotes if framework_id is None else framework_of(consultation, framework_id).footnotes
    if not 1 <= number <= MOST or any(note.number == number for note in notes):
        raise FootnoteNumberError(most=MOST)
    footnote = Footnote(number=number, text=words, url=address)
    notes.append(footnote)
    note_change(consultation, "add_footnote", at=at, actor=actor, after={"footnote": number})
    return footnote


def remove_footnote(
    footnote_id: uuid.UUID, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> None:
    """Take a source out of its list. Raises FrameworkNotFoundError."""
    consultation = lock_changeable(consultation_id, version=version)
    for notes in (consultation.footnotes, *(framework.footnotes for framework in consultation.frameworks)):
        for footnote in notes:
            if footnote.id == footnote_id:
                notes.remove(footnote)
                note_change(consultation, "remove_footnote", at=at, actor=actor, after={"footnote": footnote.number})
                return
    raise FrameworkNotFoundError
