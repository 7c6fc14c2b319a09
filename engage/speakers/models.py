"""People whom we invite."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import Base, SampleMark, UUIDKey


class Speaker(UUIDKey, SampleMark, Base):
    """A person in a line-up; `role_title` is what they do at their organisation.

    `email` is where invitations to speak go, in lower case; without one nobody writes to them.
    """

    __tablename__ = "speaker"

    name: Mapped[str] = mapped_column(String(200))
    role_title: Mapped[str | None] = mapped_column(String(200))
    organisation: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    created_at: Mapped[datetime]
