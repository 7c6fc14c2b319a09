"""What people think of each other's words."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import Base, UUIDKey, words
from engage.responses.enums import Vote


class Reaction(UUIDKey, Base):
    """One vote. Append-only: the latest of a respondent counts, and NONE takes it back."""

    __tablename__ = "reaction"
    __table_args__ = (Index("ix_reaction_response_id", "response_id", "respondent_id", "at"),)

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id", ondelete="CASCADE"), index=True)
    value: Mapped[Vote] = mapped_column(words(Vote, "value"))
    at: Mapped[datetime]
