"""The one store.

Rows of an anonymous sitting (submission, response, consent) hold no person, no time but the day, and stand in
tables without a hidden row number on SQLite (P2, P4). Everybody's rows do: nothing then marks out the
anonymous ones.
"""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.kernel.db import Base, SampleMark, UUIDKey, words
from engage.media.models import MediaAsset
from engage.responses.enums import (
    Attribution,
    Channel,
    HoldReason,
    IdentityBasis,
    Purpose,
    RespondentKind,
    ResponseKind,
    ResponseStatus,
    VersionKind,
    VersionSource,
)

DEEPEST = 3  # how many replies may stand one under another


def _as_written(context: DefaultExecutionContext) -> str:
    """Return what a new response shows: what was written."""
    return str(context.get_current_parameters()["body_original"])  # type: ignore[no-untyped-call]


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
    """One sitting. Its receipt code is known to the sender alone; only the hash is here.

    `entered_by` is who typed in what came by post, phone or mail (`channel`).
    """

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint("consultation_id IS NOT NULL OR event_id IS NOT NULL", name="about_something"),
        {"sqlite_with_rowid": False},
    )

    respondent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("respondent.id"), index=True)
    consultation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("event.id"), index=True)
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[Channel] = mapped_column(words(Channel, "channel"))
    withdrawn_on: Mapped[date | None]

    responses: Mapped[list["Response"]] = relationship(back_populates="submission")


class Response(UUIDKey, Base):
    """An answer, a choice, a comment, a reply to one, or a question to the speakers.

    `body_original` never changes (rule 3) and `body` is what its latest edit or redaction says, which is all that is
    ever shown. `display_name` is the name to show, if any. `leaves_gap` marks a withdrawn response that had been
    public: its place is kept and says so (rule 7). A reply stands under `parent_id`, its thread under `root_id`, at
    most three deep; `by_organisation` marks our own. A question to the speakers was answered `answered_at_s` seconds
    into the event. What is held has a reason. `may_publish` is kept: that the consent to publish stands.
    """

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("question_id IS NOT NULL OR event_id IS NOT NULL", name="about_something"),
        CheckConstraint("(attribution = 'anonymous') = (respondent_id IS NULL)", name="anonymous_has_no_respondent"),
        CheckConstraint("attribution <> 'anonymous' OR display_name IS NULL", name="anonymous_has_no_name"),
        CheckConstraint(
            f"depth BETWEEN 0 AND {DEEPEST} AND (depth = 0) = (parent_id IS NULL)", name="depth_of_threads"
        ),
        CheckConstraint("(parent_id IS NULL) = (root_id IS NULL)", name="replies_have_a_thread"),
        Index("ix_response_root_id", "root_id", "received_on"),
        Index("ix_response_question_id_status", "question_id", "status", "received_on"),
        Index("ix_response_event_id_status", "event_id", "status", "received_on"),
        Index("ix_response_consultation_id_status", "consultation_id", "status", "received_on"),
        Index("ix_response_queue", "status", "may_publish", "received_on", "id"),
        {"sqlite_with_rowid": False},
    )

    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    respondent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("respondent.id"), index=True)
    kind: Mapped[ResponseKind] = mapped_column(words(ResponseKind, "kind"))
    consultation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultation.id"))
    question_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("question.id"))
    question_version: Mapped[int | None]
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("event.id"))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("response.id"), index=True)
    root_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("response.id"))
    depth: Mapped[int] = mapped_column(default=0, server_default="0")
    by_organisation: Mapped[bool] = mapped_column(default=False, server_default=false())
    media_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("media_asset.id"), unique=True)
    answered_at_s: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(10))
    body_original: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text, default=_as_written, server_default="")
    attribution: Mapped[Attribution] = mapped_column(words(Attribution, "attribution"))
    display_name: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[ResponseStatus] = mapped_column(words(ResponseStatus, "status"), default=ResponseStatus.RECEIVED)
    held_for: Mapped[HoldReason | None] = mapped_column(words(HoldReason, "held_for"))
    received_on: Mapped[date]
    leaves_gap: Mapped[bool] = mapped_column(default=False)
    may_publish: Mapped[bool] = mapped_column(default=False, server_default=false())

    submission: Mapped[Submission] = relationship(back_populates="responses")
    media: Mapped[MediaAsset | None] = relationship()
    choices: Mapped[list["ResponseChoice"]] = relationship(cascade="all, delete-orphan")
    versions: Mapped[list["ResponseVersion"]] = relationship(
        order_by="ResponseVersion.number", cascade="all, delete-orphan"
    )
    consents: Mapped[list["Consent"]] = relationship(order_by="Consent.purpose", cascade="all, delete-orphan")

    def allows(self, purpose: Purpose) -> bool:
        """Tell whether a use was consented to and the consent still stands (I12)."""
        return any(c.purpose is purpose and c.granted and c.withdrawn_at is None for c in self.consents)

    def agree(self, consents: Iterable["Consent"]) -> None:
        """Add what its author says about uses, and keep whether it may be shown."""
        self.consents.extend(consents)
        self.may_publish = self.allows(Purpose.PUBLISH_SITE)


class ResponseChoice(Base):
    """An option that a response chose; `other_text` is what was written beside "other"."""

    __tablename__ = "response_choice"
    __table_args__ = ({"sqlite_with_rowid": False},)

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"), primary_key=True)
    option_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question_option.id"), primary_key=True, index=True)
    other_text: Mapped[str | None] = mapped_column(String(500))


class ResponseVersion(UUIDKey, Base):
    """What a response said after a change, or in another form; the original stays. Append-only.

    `author_id` is the moderator or organiser who wrote it, and None for the sender's own edit. The day alone is kept.
    """

    __tablename__ = "response_version"
    __table_args__ = (UniqueConstraint("response_id", "number"), {"sqlite_with_rowid": False})

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[VersionKind] = mapped_column(words(VersionKind, "kind"))
    language: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    source: Mapped[VersionSource] = mapped_column(words(VersionSource, "source"), default=VersionSource.HUMAN)
    reason: Mapped[str | None] = mapped_column(String(500))
    made_on: Mapped[date]


class Consent(UUIDKey, Base):
    """What somebody said about one use of their words, with the wording that they saw. Append-only.

    Said anew, the row before gets its `withdrawn_at`: one for each use holds at a time.
    """

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_holding",
            "response_id",
            "purpose",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_consent_response_id", "response_id"),
        {"sqlite_with_rowid": False},
    )

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    purpose: Mapped[Purpose] = mapped_column(words(Purpose, "purpose"))
    granted: Mapped[bool]
    notice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("privacy_notice.id"))
    wording_shown: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(10))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
