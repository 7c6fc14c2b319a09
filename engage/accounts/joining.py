"""Becoming a member: an address, and the proof that it is one's own."""

from datetime import datetime

from engage.accounts.enums import RoleName, TokenPurpose
from engage.accounts.errors import BadEmailError, EmailTakenError, LinkOverError
from engage.accounts.link_tokens import get_token, mail_token, may_be_mailed, use_up
from engage.accounts.mails import queue_has_account
from engage.accounts.models import Person
from engage.accounts.passwords import HashedPassword
from engage.accounts.queries import find_person
from engage.accounts.services import LONGEST_NAME, create_person
from engage.kernel.settings import Site
from engage.kernel.text import clean, normalise_email
from engage.mail.enums import MessageKind


def ask_to_join(
    email: str, *, name: str, organisation: str | None, occasion: str, locale: str, site: Site, at: datetime
) -> None:
    """Mail an address the link that makes it a member, or tell whoever has it that they are one.

    Both look the same to whoever asked (S19); somebody disabled is told nothing. There is no password yet: who types
    somebody else's address must not choose the one that opens their account. Raises BadEmailError.
    """
    try:
        address = normalise_email(email)
    except ValueError as error:
        raise BadEmailError from error
    person = find_person(address)
    if person is None:
        mail_token(
            TokenPurpose.CONFIRM,
            email=address,
            name=clean(name, limit=LONGEST_NAME),
            organisation=clean(organisation or "", limit=LONGEST_NAME) or None,
            locale=locale,
            site=site,
            at=at,
        )
    elif person.disabled_at is None and may_be_mailed(MessageKind.HAS_ACCOUNT, address, at=at):
        queue_has_account(person, occasion=occasion, locale=locale, site=site, at=at)


def join(code: str, *, name: str, password: HashedPassword, at: datetime) -> Person:
    """Make the member whose address a link proves. Raises LinkOverError, also when they became one meanwhile."""
    token = get_token(code, TokenPurpose.CONFIRM, at=at, lock=True)
    try:
        person = create_person(
            token.email,
            name=name or token.name or "",
            organisation=token.organisation,
            roles=[RoleName.MEMBER],
            password=password,
            at=at,
        )
    except EmailTakenError as error:
        raise LinkOverError from error
    use_up(token)
    return person
