"""A person's words go to the organisation's contact, so that nothing a guest writes is lost (5.2)."""

import uuid
from datetime import datetime, timedelta

from engage.audit.services import record
from engage.calendars.answers import find_referred
from engage.kernel.settings import Site
from engage.kernel.text import normalise_email
from engage.mail.enums import InboundKind, InboundOutcome, MessageKind
from engage.mail.inbound.reading import Inbound
from engage.mail.models import InboundMail
from engage.mail.received import count_outcomes, settle
from engage.mail.services import queue

ABOUT = "inbound_mail"
MOST_AN_HOUR = 5  # from one author


def forward(row: InboundMail, inbound: Inbound, *, site: Site, at: datetime) -> None:
    """Pass on what a person wrote as a new mail, at most five an hour of one author.

    The message names the mail that came in and holds no word of it, so that the words go when that is wiped.
    """
    author = inbound.headers.from_addr
    about = _about(inbound)
    if author is None or author in _ourselves(site) or _contact(site) == _address(site.mail_from):
        settle(row, InboundOutcome.KEPT, about=about)
    elif count_outcomes(InboundOutcome.FORWARDED, since=at - timedelta(hours=1), from_addr=author) >= MOST_AN_HOUR:
        settle(row, InboundOutcome.TOO_MANY, about=about)
    else:
        settle(row, InboundOutcome.FORWARDED, about=about, detail=inbound.unfit)
        queue(
            MessageKind.FORWARDED,
            logical_key=f"{MessageKind.FORWARDED}:{row.id}",
            to_addr=_contact(site),
            facts={"unfit": inbound.unfit},
            locale=site.languages[0],
            about_type=ABOUT,
            about_id=row.id,
            site=site,
            at=at,
        )
    if inbound.kind is InboundKind.PERSON:
        record("visitor:mail:write", f"{ABOUT}:{row.id}", at=at, after={"outcome": row.outcome})


def _ourselves(site: Site) -> set[str]:
    """Return the addresses whose mail would go round in a circle."""
    return {_address(site.mail_from), _contact(site)}


def _contact(site: Site) -> str:
    return _address(site.contact_email)


def _address(text: str) -> str:
    try:
        return normalise_email(text)
    except ValueError:
        return text


def _about(inbound: Inbound) -> tuple[str, uuid.UUID] | None:
    invite = find_referred(inbound.headers.references)
    if invite is None:
        return None
    for about_type, about_id in (
        ("booking_guest", invite.guest_id),
        ("booking", invite.booking_id),
        ("appearance", invite.appearance_id),
    ):
        if about_id is not None:
            return about_type, about_id
    return None
