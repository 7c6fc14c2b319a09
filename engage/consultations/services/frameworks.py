"""Missions, goals and principles: their source, and what they list."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engage.consultations.enums import FrameworkKind
from engage.consultations.errors import (
    FrameworkNotFoundError,
    FrameworkTitleError,
    SourceUrlError,
    StatedCountError,
    TooManyThemesError,
    YearError,
)
from engage.consultations.models import Consultation, Framework, Theme
from engage.consultations.services.life import lock_changeable, note_change
from engage.kernel.db import db
from engage.kernel.text import clean, clean_url
from engage.kernel.when import FIRST_YEAR, LAST_YEAR

MOST_THEMES = 60
MOST_STATED = 1000


@dataclass(frozen=True)
class FrameworkDetails:
    """Where missions, goals or principles come from. `stated_count` is what the source announces (rule 11)."""

    kind: FrameworkKind
    title: str
    source_title: str = ""
    source_url: str = ""
    source_published_on: date | None = None
    stated_count: int | None = None
    reviewed_on: date | None = None
    review_due_on: date | None = None

    def checked(self) -> dict[str, Any]:
        """Return the columns. Raises FrameworkTitleError, SourceUrlError, StatedCountError."""
        title = clean(self.title, limit=200)
        if not title:
            raise FrameworkTitleError
        url = clean_url(self.source_url) if self.source_url.strip() else None
        if self.source_url.strip() and (url is None or len(url) > 500):
            raise SourceUrlError
        if self.stated_count is not None and not 0 <= self.stated_count <= MOST_STATED:
            raise StatedCountError(most=MOST_STATED)
        return {
            **vars(self),
            "title": title,
            "source_title": clean(self.source_title, limit=200) or None,
            "source_url": url,
        }


@dataclass(frozen=True)
class ThemeDetails:
    """One mission, goal or principle; `body` is Markdown."""

    title: str
    body: str = ""
    target_year: int | None = None

    def checked(self) -> dict[str, Any]:
        """Return the columns. Raises FrameworkTitleError, YearError."""
        title = clean(self.title, limit=300)
        if not title:
            raise FrameworkTitleError
        if self.target_year is not None and not FIRST_YEAR <= self.target_year <= LAST_YEAR:
            raise YearError(first=FIRST_YEAR, last=LAST_YEAR)
        body = clean(self.body, multiline=True)
        return {"title": title, "body": body or None, "target_year": self.target_year}


def add_framework(
    consultation_id: uuid.UUID, details: FrameworkDetails, *, version: int, at: datetime, actor: uuid.UUID | None
) -> Framework:
    """Add what the questions are about. Raises what `FrameworkDetails.checked` and `lock_changeable` raise."""
    columns = details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    framework = Framework(id=uuid.uuid4(), **columns)
    consultation.frameworks.append(framework)
    note_change(consultation, "add_framework", at=at, actor=actor, after={"framework": str(framework.id)})
    return framework


def change_framework(
    framework_id: uuid.UUID,
    details: FrameworkDetails,
    *,
    consultation_id: uuid.UUID,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> None:
    """Change where it comes from. Raises FrameworkNotFoundError, and what `add_framework` raises."""
    columns = details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    _set(framework_of(consultation, framework_id), columns)
    note_change(consultation, "change_framework", at=at, actor=actor, after={"framework": str(framework_id)})


def remove_framework(
    framework_id: uuid.UUID, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> None:
    """Take it out, with all that it lists. Raises FrameworkNotFoundError, and what `lock_changeable` raises."""
    consultation = lock_changeable(consultation_id, version=version)
    consultation.frameworks.remove(framework_of(consultation, framework_id))
    note_change(consultation, "remove_framework", at=at, actor=actor, after={"framework": str(framework_id)})


def add_theme(
    framework_id: uuid.UUID,
    details: ThemeDetails,
    *,
    consultation_id: uuid.UUID,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> Theme:
    """List one more. Raises TooManyThemesError, FrameworkNotFoundError, and what `ThemeDetails.checked` raises."""
    columns = details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    framework = framework_of(consultation, framework_id)
    if len(framework.themes) >= MOST_THEMES:
        raise TooManyThemesError(most=MOST_THEMES)
    theme = Theme(number=1 + max((t.number for t in framework.themes), default=0), **columns)
    framework.themes.append(theme)
    note_change(consultation, "add_theme", at=at, actor=actor, after={"theme": theme.number})
    return theme


def change_theme(
    theme_id: uuid.UUID,
    details: ThemeDetails,
    *,
    consultation_id: uuid.UUID,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> None:
    """Put it into other words. Raises FrameworkNotFoundError, and what `ThemeDetails.checked` raises."""
    columns = details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    theme = theme_of(consultation, theme_id)
    _set(theme, columns)
    note_change(consultation, "change_theme", at=at, actor=actor, after={"theme": theme.number})


def remove_theme(
    theme_id: uuid.UUID, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> None:
    """Take it out of its list, with its links; those after it move up by one. Raises FrameworkNotFoundError."""
    consultation = lock_changeable(consultation_id, version=version)
    theme = theme_of(consultation, theme_id)
    framework = framework_of(consultation, theme.framework_id)
    framework.themes.remove(theme)
    db.session.flush()
    for number, later in enumerate(framework.themes, start=1):
        later.number = number
        db.session.flush()  # one after another: two may not have one number
    note_change(consultation, "remove_theme", at=at, actor=actor, after={"theme": theme.number})


def framework_of(consultation: Consultation, framework_id: uuid.UUID) -> Framework:
    """Return a framework of a consultation. Raises FrameworkNotFoundError."""
    for framework in consultation.frameworks:
        if framework.id == framework_id:
            return framework
    raise FrameworkNotFoundError


def theme_of(consultation: Consultation, theme_id: uuid.UUID) -> Theme:
    """Return a theme of a consultation. Raises FrameworkNotFoundError."""
    for framework in consultation.frameworks:
        for theme in framework.themes:
            if theme.id == theme_id:
                return theme
    raise FrameworkNotFoundError


def _set(part: Framework | Theme, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(part, name, value)
