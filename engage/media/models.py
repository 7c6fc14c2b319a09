"""What was uploaded, and the texts beside it."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.kernel.db import Base, UUIDKey, words
from engage.media.enums import MediaKind, MediaState, TrackKind


class MediaAsset(UUIDKey, Base):
    """A recording or a file. Nothing of its name, its first bytes or its metadata is kept (P8); the day alone (P4).

    `storage_key` names the bytes in the storage: those received, then those that the worker made of them, whose size,
    digest and length are told here. `longest_ms` and `shortest_ms` are what was asked for; `duration_ms` is measured by
    decoding. `refusal` is why there are no bytes any more. `captions` are WebVTT, a transcript is plain text.
    """

    __tablename__ = "media_asset"
    __table_args__ = (
        CheckConstraint("(state IN ('received', 'ready')) = (storage_key IS NOT NULL)", name="bytes_while_needed"),
        {"sqlite_with_rowid": False},
    )

    kind: Mapped[MediaKind] = mapped_column(words(MediaKind, "kind"))
    state: Mapped[MediaState] = mapped_column(words(MediaState, "state"), default=MediaState.RECEIVED)
    storage_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    poster_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    mime: Mapped[str | None] = mapped_column(String(60))
    size: Mapped[int]
    sha256: Mapped[str | None] = mapped_column(String(64))
    duration_ms: Mapped[int | None]
    shortest_ms: Mapped[int | None]
    longest_ms: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    refusal: Mapped[str | None] = mapped_column(String(40))
    received_on: Mapped[date]

    tracks: Mapped[list["MediaTrack"]] = relationship(order_by="MediaTrack.kind", cascade="all, delete-orphan")


class MediaTrack(UUIDKey, Base):
    """Captions or a transcript of a recording, uploaded or typed in by a person."""

    __tablename__ = "media_track"
    __table_args__ = (UniqueConstraint("media_id", "kind", "language"), {"sqlite_with_rowid": False})

    media_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("media_asset.id", ondelete="CASCADE"))
    kind: Mapped[TrackKind] = mapped_column(words(TrackKind, "kind"))
    language: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    made_on: Mapped[date]
