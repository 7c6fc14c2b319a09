"""What the mail with the address of a private calendar needs."""

import uuid
from typing import Any

from engage.calendars.enums import FeedPurpose
from engage.calendars.objects.links import subscribe_links
from engage.flows.private_feeds import NAMES
from engage.kernel.i18n import translate
from engage.kernel.links import private_feed_page_url, private_feed_url
from engage.kernel.settings import Site
from engage.kernel.tokens import sign_row
from engage.mail.models import Message


def feed_link_context(message: Message, site: Site) -> dict[str, Any]:
    """Return the calendar's purpose, its address, and the links that follow it."""
    name, feed_id, nonce = message.facts["feed"]
    purpose = FeedPurpose(message.facts["purpose"])
    token = sign_row(site.link_secrets, name, uuid.UUID(feed_id), nonce)
    address = private_feed_url(site.base_url, token)
    title = translate(NAMES[purpose], site.languages[0], organisation=site.organisation_name)
    return {
        "purpose": purpose.value,
        "links": {
            **subscribe_links(address, title),
            "feed": address,
            "page": private_feed_page_url(site.base_url, token),
        },
    }
