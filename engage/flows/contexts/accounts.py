"""What the mails about an account need."""

from typing import Any

from engage.kernel.links import confirm_address_url, new_password_url, reset_url, sign_in_url
from engage.kernel.settings import Site
from engage.kernel.tokens import account_code
from engage.mail.enums import MessageKind
from engage.mail.models import Message

KINDS = frozenset({MessageKind.CONFIRM_ADDRESS, MessageKind.HAS_ACCOUNT, MessageKind.NEW_PASSWORD})


def account_context(message: Message, site: Site) -> dict[str, Any]:
    """Return the link that proves the address, or the pages for somebody who has an account."""
    base = site.base_url
    if message.kind is MessageKind.HAS_ACCOUNT:
        return {"links": {"sign_in": sign_in_url(base), "reset": reset_url(base)}}
    code = account_code(site.link_secrets, message.facts["account_seed"])
    if message.kind is MessageKind.CONFIRM_ADDRESS:
        return {"links": {"confirm": confirm_address_url(base, code)}}
    return {"links": {"password": new_password_url(base, code)}}
