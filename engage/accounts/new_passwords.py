"""Setting another password, by a link in a mail."""

from datetime import datetime

from engage.accounts.enums import TokenPurpose
from engage.accounts.errors import LinkOverError
from engage.accounts.link_tokens import get_token, mail_token, use_up
from engage.accounts.models import Person
from engage.accounts.passwords import HashedPassword
from engage.accounts.queries import find_person
from engage.accounts.sessions import end_sessions_of
from engage.audit import services as audit
from engage.kernel.db import db
from engage.kernel.settings import Site


def ask_for_new_password(email: str, *, locale: str, site: Site, at: datetime) -> None:
    """Mail somebody the link that sets another password. Nothing happens for an address that we do not know (S19)."""
    person = find_person(email)
    if person is not None and person.disabled_at is None:
        mail_token(TokenPurpose.RESET, email=person.email, person=person, locale=locale, site=site, at=at)


def owner_of(code: str, *, at: datetime, lock: bool = False) -> Person:
    """Return whose password a link sets. Raises LinkOverError, for somebody disabled as well."""
    token = get_token(code, TokenPurpose.RESET, at=at, lock=lock)
    person = db.session.get(Person, token.person_id)
    if person is None or person.disabled_at is not None:
        raise LinkOverError
    return person


def set_password(code: str, *, password: HashedPassword, at: datetime) -> Person:
    """Set another password; every sign-in of the person ends at once, whoever holds it (S17). Raises LinkOverError."""
    person = owner_of(code, at=at, lock=True)
    person.password_hash = password.text
    use_up(get_token(code, TokenPurpose.RESET, at=at))
    ended = end_sessions_of(person.id)
    db.session.flush()
    audit.record("accounts:person:password", f"person:{person.id}", at=at, after={"sessions_ended": ended})
    return person
