"""What responses are found by."""

import uuid

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import Base


class ResponseSearch(Base):
    """A response in the search index: its words, folded, and its facets, such as its question and its state.

    `number` is the day, counted from 1970, before 47 random bits: the highest are of the newest day, and nothing tells
    an order within a day (P4). On SQLite triggers keep `response_words` in step, the full-text index of these rows
    (migration 0006). What was taken back has no row.
    """

    __tablename__ = "response_search"
    __table_args__ = (
        Index("ix_response_search_words", "words", "facets", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
    facets: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
