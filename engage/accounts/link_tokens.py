"""Links that prove an address: mailed once, good for an hour and for one use (S12).

The link's secret is made of a seed, which the mail's facts hold, and a secret of the site's; the row has its SHA-256.
So nothing in the database opens anything.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from engage.accounts.enums import TokenPurpose
from engage.accounts.errors import LinkOverError
from engage.accounts.mails import queue_link
from engage.accounts.models import AccountToken, Person
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import account_code, new_nonce, sha256_hex
from engage.mail.enums import MessageKind
from engage.mail.queries import count_to

LIFETIME = timedelta(hours=1)
MOST_A_DAY = 3  # mails of a kind to an address that anybody may type (S31)
KINDS = {TokenPurpose.CONFIRM: MessageKind.CONFIRM_ADDRESS, TokenPurpose.RESET: MessageKind.NEW_PASSWORD}


def mail_token(
    purpose: TokenPurpose,
    *,
    email: str,
    locale: str,
    site: Site,
    at: datetime,
    person: Person | None = None,
    name: str | None = None,
    organisation: str | None = None,
) -> None:
    """Make a link and mail it; after three such mails in a day nothing happens. `email` is normalised."""
    if may_be_mailed(KINDS[purpose], email, at=at):
        seed = new_nonce()
        token = AccountToken(
            purpose=purpose,
            secret_hash=sha256_hex(account_code(site.link_secrets, seed)),
            email=email,
            person_id=person and person.id,
            name=name,
            organisation=organisation,
            ends_at=at + LIFETIME,
            created_at=at,
        )
        db.session.add(token)
        db.session.flush()
        queue_link(KINDS[purpose], token, seed=seed, locale=locale, site=site, at=at)


def may_be_mailed(kind: MessageKind, email: str, *, at: datetime) -> bool:
    """Tell whether an address got fewer than three mails of a kind within a day."""
    return count_to(kind, email, since=at - timedelta(days=1)) < MOST_A_DAY


def get_token(code: str, purpose: TokenPurpose, *, at: datetime, lock: bool = False) -> AccountToken:
    """Return what a link opens. With `lock` nobody else can use it meanwhile. Raises LinkOverError."""
    statement = select(AccountToken).where(
        AccountToken.secret_hash == sha256_hex(code), AccountToken.purpose == purpose, AccountToken.ends_at > at
    )
    token = db.session.scalar(statement.with_for_update() if lock else statement)
    if token is None:
        raise LinkOverError
    return token


def use_up(token: AccountToken) -> None:
    """End a link, and the others that the same address was mailed for the same purpose."""
    same_owner = or_(AccountToken.email == token.email, AccountToken.id == token.id)
    db.session.execute(delete(AccountToken).where(AccountToken.purpose == token.purpose, same_owner))


def forget_old_tokens(*, at: datetime) -> int:
    """Delete the links that are over, with what was typed by those who never came back; returns how many."""
    gone = db.session.execute(delete(AccountToken).where(AccountToken.ends_at <= at))
    return int(getattr(gone, "rowcount", 0))
