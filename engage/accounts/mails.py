"""The mails about an account: the links that prove an address."""

from datetime import datetime

from engage.accounts.models import AccountToken, Person
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.services import queue

ABOUT = "account"


def queue_link(kind: MessageKind, token: AccountToken, *, seed: str, locale: str, site: Site, at: datetime) -> None:
    """Promise the mail with a link. What a stranger typed besides the address is not in it."""
    queue(
        kind,
        logical_key=f"{kind.value}:{token.id}",
        to_addr=token.email,
        facts={"account_seed": seed},
        locale=locale,
        about_type=ABOUT,
        about_id=token.id,
        site=site,
        at=at,
    )


def queue_has_account(person: Person, *, occasion: str, locale: str, site: Site, at: datetime) -> None:
    """Tell somebody who has an account that their address was given to register; `occasion` names the form's key."""
    queue(
        MessageKind.HAS_ACCOUNT,
        logical_key=f"{MessageKind.HAS_ACCOUNT.value}:{occasion}",
        to_addr=person.email,
        facts={},
        locale=locale,
        about_type=ABOUT,
        about_id=person.id,
        site=site,
        at=at,
    )
