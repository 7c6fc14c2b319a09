"""The sources that a consultation's texts cite."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engage.consultations.errors import (
    FootnoteNumberError,
    FootnoteTextError,
    FootnoteUrlError,
    FrameworkNotFoundError,
)
from engage.consultations.models import Consultation, Footnote
from engage.consultations.services.frameworks import framework_of
from engage.consultations.services.life import lock_changeable, note_change
from engage.kernel.db import db
from engage.kernel.text import clean, clean_url

MOST = 999


@dataclass(frozen=True)
class FootnoteDetails:
    """A source of the consultation's own texts, or of what a framework lists where `framework_id` names one."""

    framework_id: uuid.UUID | None
    number: int
    text: str
    url: str = ""

    def checked(self) -> dict[str, Any]:
        """Return the columns but those that say which text it is of. Raises FootnoteTextError, FootnoteUrlError."""
        words = clean(self.text, limit=1000)
        if not words:
            raise FootnoteTextError
        address = clean_url(self.url) if self.url.strip() else None
        if self.url.strip() and (address is None or len(address) > 500):
            raise FootnoteUrlError
        return {"number": self.number, "text": words, "url": address}


def add_footnote(
    details: FootnoteDetails, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> Footnote:
    """List a source.

    Raises FootnoteNumberError, FootnoteTextError, FootnoteUrlError, FrameworkNotFoundError, and what
    `lock_changeable` raises.
    """
    columns = details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    notes = _list_with_room(consultation, details)
    footnote = Footnote(**columns)
    notes.append(footnote)
    note_change(consultation, "add_footnote", at=at, actor=actor, after={"footnote": details.number})
    return footnote


def change_footnote(
    footnote_id: uuid.UUID,
    details: FootnoteDetails,
    *,
    consultation_id: uuid.UUID,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> bool:
    """Put a source into other words, give it another number, or list it of another text; False if nothing differed.

    Raises what `add_footnote` raises.
    """
    columns = details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    footnote = footnote_of(consultation, footnote_id)
    _list_with_room(consultation, details, but=footnote)
    columns["framework_id"] = details.framework_id
    columns["consultation_id"] = None if details.framework_id else consultation.id
    if all(getattr(footnote, name) == value for name, value in columns.items()):
        return False
    for name, value in columns.items():
        setattr(footnote, name, value)
    note_change(consultation, "change_footnote", at=at, actor=actor, after={"footnote": details.number})
    db.session.expire_all()  # it may stand in another list now
    return True


def remove_footnote(
    footnote_id: uuid.UUID, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> None:
    """Take a source out of its list. Raises FrameworkNotFoundError."""
    consultation = lock_changeable(consultation_id, version=version)
    footnote = footnote_of(consultation, footnote_id)
    _list_of(consultation, footnote.framework_id).remove(footnote)
    note_change(consultation, "remove_footnote", at=at, actor=actor, after={"footnote": footnote.number})


def footnote_of(consultation: Consultation, footnote_id: uuid.UUID) -> Footnote:
    """Return a footnote of a consultation, or of what it lists. Raises FrameworkNotFoundError."""
    for notes in (consultation.footnotes, *(framework.footnotes for framework in consultation.frameworks)):
        for footnote in notes:
            if footnote.id == footnote_id:
                return footnote
    raise FrameworkNotFoundError


def _list_of(consultation: Consultation, framework_id: uuid.UUID | None) -> list[Footnote]:
    return consultation.footnotes if framework_id is None else framework_of(consultation, framework_id).footnotes


def _list_with_room(
    consultation: Consultation, details: FootnoteDetails, *, but: Footnote | None = None
) -> list[Footnote]:
    """Return the list that it is to stand in, where no other has its number. Raises FootnoteNumberError."""
    notes = _list_of(consultation, details.framework_id)
    taken = {note.number for note in notes if note is not but}
    if not 1 <= details.number <= MOST or details.number in taken:
        raise FootnoteNumberError(most=MOST)
    return notes
