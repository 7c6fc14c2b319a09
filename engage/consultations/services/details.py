"""What an organiser gives for a consultation, checked."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engage.consultations.enums import ModerationMode
from engage.consultations.errors import (
    AddressShapeError,
    AddressTakenError,
    ContactError,
    HoldRulesMissingError,
    TitleMissingError,
)
from engage.consultations.hold_rules import HoldRules
from engage.consultations.models import Consultation
from engage.kernel.db import db
from engage.kernel.slugs import is_slug, slug_of
from engage.kernel.text import clean, normalise_email
from engage.kernel.when import WallTime


@dataclass(frozen=True)
class ConsultationDetails:
    """A consultation as its organiser describes it; `intro` and `why_now` are Markdown."""

    title: str
    intro: str
    why_now: str
    contact_email: str = ""
    moderation_mode: ModerationMode = ModerationMode.PRE
    hold_rules: HoldRules = field(default_factory=HoldRules)

    def checked(self) -> dict[str, Any]:
        """Return the columns. Raises TitleMissingError, ContactError, HoldRulesMissingError."""
        title = clean(self.title, limit=200)
        if not title:
            raise TitleMissingError
        if self.moderation_mode is ModerationMode.HOLD and not self.hold_rules.reads_arrivals:
            raise HoldRulesMissingError
        return {
            "title": title,
            "intro": clean(self.intro, multiline=True),
            "why_now": clean(self.why_now, multiline=True),
            "contact_email": _address(self.contact_email),
            "moderation_mode": self.moderation_mode,
            "hold_rules": self.hold_rules.stored(),
        }


@dataclass(frozen=True)
class Times:
    """When answers are taken, as clocks in `timezone` show it."""

    opens: WallTime
    closes: WallTime
    timezone: str

    def opens_at(self) -> datetime:
        """Return the instant of the opening. Raises what `kernel.when.resolve_local` raises (R19)."""
        return self.opens.instant(self.timezone)

    def closes_at(self) -> datetime:
        """Return the instant of the closing. Raises what `kernel.when.resolve_local` raises (R19)."""
        return self.closes.instant(self.timezone)


def choose_slug(title: str, wanted: str | None) -> str:
    """Return a free address: the wanted one, or one made of the title. Raises AddressTakenError, AddressShapeError."""
    if wanted:
        if not is_slug(wanted) or wanted == "new":  # "new" is the form that makes one
            raise AddressShapeError
        if not _is_free(wanted):
            raise AddressTakenError(slug=wanted)
        return wanted
    stem = slug_of(title, "consultation")
    stem = "consultation" if stem == "new" else stem
    return next((s for s in (stem, f"{stem}-2", f"{stem}-3") if _is_free(s)), f"{stem}-{secrets.token_hex(4)}")


def _address(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return normalise_email(text)
    except ValueError as error:
        raise ContactError from error


def _is_free(slug: str) -> bool:
    return db.session.scalar(select(Consultation.id).where(Consultation.slug == slug)) is None
