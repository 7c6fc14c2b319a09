"""People whom we invite."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import Base, SampleMark, UUIDKey


class Speaker(UUIDKey, SampleMark, Base):
    """A person in a line-up; `role_title` is what they do at their organisation."""

    __tablename__ = "speaker"

    name: Mapped[str] = mapped_column(String(200))
    role_title: Mapped[str | None] = mapped_column(String(200))
    organisation: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
