"""People, roles, sessions."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.accounts.enums import RoleName, TokenPurpose
from engage.kernel.db import Base, SampleMark, UUIDKey, words


class Person(UUIDKey, SampleMark, Base):
    """Somebody who can sign in. `email` is normalised."""

    __tablename__ = "person"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str | None] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(300))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    roles: Mapped[list["Role"]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    def role_names(self) -> frozenset[RoleName]:
        """Return the roles that this person holds."""
        return frozenset(role.role for role in self.roles)


class Role(Base):
    """One role of one person."""

    __tablename__ = "role"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[RoleName] = mapped_column(words(RoleName, "role"), primary_key=True)


class SessionRecord(UUIDKey, Base):
    """A sign-in that still holds. Deleting the row ends it at once, whoever has the cookie (S17)."""

    __tablename__ = "session_record"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)

    person: Mapped[Person] = relationship(lazy="joined")


class AccountToken(UUIDKey, Base):
    """A link that was mailed to prove an address: to register, or to set another password (S12).

    Only the hash of its secret is here. Somebody who registers is no `Person` yet: what they typed waits here.
    Their password is set behind the link, so that nobody chooses it for somebody else's address.
    """

    __tablename__ = "account_token"

    purpose: Mapped[TokenPurpose] = mapped_column(words(TokenPurpose, "purpose"))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str | None] = mapped_column(String(200))
    organisation: Mapped[str | None] = mapped_column(String(200))
    ends_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
