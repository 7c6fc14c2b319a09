"""Changes to people: making and disabling them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from engage.accounts.enums import RoleName
from engage.accounts.errors import BadEmailError, EmailTakenError, NoRoleError
from engage.accounts.models import Person, Role
from engage.accounts.passwords import HashedPassword, hash_password
from engage.accounts.queries import find_person, get_person
from engage.accounts.sessions import end_sessions_of
from engage.audit import services as audit
from engage.kernel.db import db
from engage.kernel.text import clean, normalise_email

LONGEST_NAME = 200


def create_person(
    email: str,
    *,
    name: str,
    roles: Iterable[RoleName],
    password: str | HashedPassword,
    at: datetime,
    organisation: str | None = None,
    is_sample: bool = False,
) -> Person:
    """Make a person who can sign in.

    A plain `password` is checked and hashed here, which takes about 30 ms; pass a `HashedPassword` to do that
    before the transaction. Raises BadEmailError, EmailTakenError, NoRoleError, and as `hash_password`.
    """
    try:
        address = normalise_email(email)
    except ValueError as error:
        raise BadEmailError from error
    wanted = sorted(set(roles))
    if not wanted:
        raise NoRoleError
    if find_person(address) is not None:
        raise EmailTakenError
    if isinstance(password, str):
        password = hash_password(password, context=(address, name))
    person = Person(
        email=address,
        name=clean(name, limit=LONGEST_NAME) or address.partition("@")[0],
        organisation=clean(organisation or "", limit=LONGEST_NAME) or None,
        password_hash=password.text,
        is_sample=is_sample,
        created_at=at,
        roles=[Role(role=role) for role in wanted],
    )
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError as error:  # somebody else made the same person a moment ago
        raise EmailTakenError from error
    audit.record("accounts:person:created", f"person:{person.id}", at=at, after={"roles": list(wanted)})
    return person


def disable_person(email: str, *, at: datetime) -> int:
    """Shut a person out and end all their sessions at once (S17). Returns how many sessions ended.

    A second time changes nothing but ends what is left. Raises PersonNotFoundError.
    """
    person = get_person(email)
    ended = end_sessions_of(person.id)
    if person.disabled_at is None:
        person.disabled_at = at
        audit.record("accounts:person:disabled", f"person:{person.id}", at=at, after={"sessions_ended": ended})
    db.session.flush()
    return ended
