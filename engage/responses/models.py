"""The one store.

Rows of an anonymous sitting (submission, response, consent) hold no person, no time but the day, and stand in
tables without a hidden row number on SQLite (P2, P4). Everybody's rows do: nothing then marks out the
anonymous ones.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.kernel.db import Base, SampleMark, UUIDKey, words
from engage.responses.enums import (
    Attribution,
    Channel,
    IdentityBasis,
    ModerationAction,
    Purpose,
    ReasonCode,
    RespondentKind,
    ResponseKind,
    ResponseStatus,
)


class PrivacyNotice(UUIDKey, Base):
    """What people are told about their data, by version; consents point to the one that was shown."""

    __tablename__ = "privacy_notice"
    __table_args__ = (UniqueConstraint("version", "language"),)

    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[date]


class Respondent(UUIDKey, Base):
    """A person or organisation that responds, without saying who: that is `RespondentIdentity`."""

    __tablename__ = "respondent"

    kind: Mapped[RespondentKind] = mapped_column(words(RespondentKind, "kind"))
    organisation_name: Mapped[str | None] = mapped_column(String(200))
    identity_basis: Mapped[IdentityBasis] = mapped_column(words(IdentityBasis, "identity_basis"))


class RespondentIdentity(UUIDKey, Base):
    """The only bridge from a respondent to a person; delete it and the rest is anonymous."""

    __tablename__ = "respondent_identity"
    __table_args__ = (
        CheckConstraint("person_id IS NOT NULL OR email IS NOT NULL OR name IS NOT NULL", name="says_who"),
    )

    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id", ondelete="CASCADE"), unique=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), unique=True)
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    name: Mapped[str | None] = mapped_column(String(200))


class Submission(UUIDKey, SampleMark, Base):
    """One sitting. Its receipt code is known to the sender alone; only the hash is here."""

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint("consultation_id IS NOT NULL OR event_id IS NOT NULL", name="about_something"),
        {"sqlite_with_rowid": False},
    )

    respondent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("respondent.id"), index=True)
    consultation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("event.id"), index=True)
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[Channel] = mapped_column(words(Channel, "channel"))
    withdrawn_on: Mapped[date | None]

    responses: Mapped[list["Response"]] = relationship(back_populates="submission")


class Response(UUIDKey, Base):
    """An answer or a comment.

    `body_original` never changes (rule 3); `display_name` is the name to show, if any. `leaves_gap` marks a
    withdrawn response that had been public: its place is kept and says so (rule 7).
    """

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("question_id IS NOT NULL OR event_id IS NOT NULL", name="about_something"),
        CheckConstraint("(attribution = 'anonymous') = (respondent_id IS NULL)", name="anonymous_has_no_respondent"),
        CheckConstraint("attribution <> 'anonymous' OR display_name IS NULL", name="anonymous_has_no_name"),
        Index("ix_response_question_id_status", "question_id", "status", "received_on"),
        Index("ix_response_event_id_status", "event_id", "status", "received_on"),
        Index("ix_response_status_received_on", "status", "received_on"),
        {"sqlite_with_rowid": False},
    )

    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    respondent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("respondent.id"), index=True)
    kind: Mapped[ResponseKind] = mapped_column(words(ResponseKind, "kind"))
    consultation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    question_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("question.id"))
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("event.id"))
    language: Mapped[str] = mapped_column(String(10))
    body_original: Mapped[str] = mapped_column(Text)
    attribution: Mapped[Attribution] = mapped_column(words(Attribution, "attribution"))
    display_name: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[ResponseStatus] = mapped_column(words(ResponseStatus, "status"), default=ResponseStatus.RECEIVED)
    received_on: Mapped[date]
    leaves_gap: Mapped[bool] = mapped_column(default=False)

    submission: Mapped[Submission] = relationship(back_populates="responses")
    consents: Mapped[list["Consent"]] = relationship(order_by="Consent.purpose", cascade="all, delete-orphan")

    def allows(self, purpose: Purpose) -> bool:
        """Tell whether a use was consented to and the consent still stands (I12)."""
        return any(c.purpose is purpose and c.granted and c.withdrawn_at is None for c in self.consents)


class Consent(UUIDKey, Base):
    """What somebody said about one use of their words, with the wording that they saw. Append-only."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("response_id", "purpose"), {"sqlite_with_rowid": False})

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    purpose: Mapped[Purpose] = mapped_column(words(Purpose, "purpose"))
    granted: Mapped[bool]
    notice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("privacy_notice.id"))
    wording_shown: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(10))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ModerationDecision(UUIDKey, Base):
    """What a moderator decided, and why. Append-only."""

    __tablename__ = "moderation_decision"
    __table_args__ = (Index("ix_moderation_decision_response_id", "response_id", "decided_at"),)

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    action: Mapped[ModerationAction] = mapped_column(words(ModerationAction, "action"))
    reason_code: Mapped[ReasonCode | None] = mapped_column(words(ReasonCode, "reason_code"))
    note: Mapped[str | None] = mapped_column(String(500))
    moderator: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
