"""The mails about a booking: who gets which, and the facts that each freezes.

Links, line-up and questions are not among the facts: the worker signs and reads them when it renders.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from engage.bookings.enums import BookingStatus
from engage.bookings.guest_queries import GUEST, GUEST_JOIN
from engage.bookings.models import Booking, Guest
from engage.bookings.queries import JOIN, MANAGE
from engage.calendars.services import InviteFacts, Method, message_id_of
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.queries import last_calendar_facts
from engage.mail.services import Draft, queue, queue_all, queue_new

ABOUT = "booking"
ABOUT_GUEST = "booking_guest"


class Told(Protocol):
    """What a mail says of an event; rows and objects both have it."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def slug(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def timezone(self) -> str: ...


class Addressee(Protocol):
    """Whom a mail goes to, whether they come or speak, and the row that it is about."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def locale(self) -> str: ...
    @property
    def places(self) -> int: ...
    @property
    def about(self) -> tuple[str, uuid.UUID]: ...
    def links(self) -> dict[str, list[str]]: ...


@dataclass(frozen=True)
class Recipient:
    """Whom a mail goes to, and the booking that it is about.

    A guest has `guest_id`, and the nonce is their own.
    """

    booking_id: uuid.UUID
    nonce: str
    name: str
    email: str
    locale: str
    places: int = 1
    guest_id: uuid.UUID | None = None

    @classmethod
    def of(cls, booking: Booking) -> "Recipient":
        """Return the holder of a booking."""
        return cls(booking.id, booking.nonce, booking.name, booking.email_normalised, booking.locale, booking.places)

    def guest(self, guest: Guest) -> "Recipient":
        """Return a guest of this holder, who has an address."""
        return Recipient(
            self.booking_id,
            guest.nonce,
            guest.name or "",
            guest.email_normalised or "",
            self.locale,
            guest_id=guest.id,
        )

    @property
    def about(self) -> tuple[str, uuid.UUID]:
        """Return which row their mails are about."""
        return (ABOUT, self.booking_id) if self.guest_id is None else (ABOUT_GUEST, self.guest_id)

    def links(self) -> dict[str, list[str]]:
        """Return what their private links are signed from: purpose, row and nonce, by the link's name."""
        manage, join = (MANAGE, JOIN) if self.guest_id is None else (GUEST, GUEST_JOIN)
        row_id = str(self.about[1])
        return {"manage": [manage, row_id, self.nonce], "join": [join, row_id, self.nonce]}


def queue_invitation(
    recipient: Recipient,
    event: Told,
    invite: InviteFacts,
    *,
    handed_over: bool = False,
    promoted: bool = False,
    site: Site,
    at: datetime,
) -> None:
    """Send the invitation of a new booking.

    `handed_over` says that somebody else gave their place, `promoted` that it came free for the waiting list.
    """
    more = {name: True for name, said in (("handed_over", handed_over), ("promoted", promoted)) if said}
    _queue(MessageKind.INVITATION, recipient, event, invite, "REQUEST", site=site, at=at, **more)


def queue_invitation_again(recipient: Addressee, event: Told, invite: InviteFacts, *, site: Site, at: datetime) -> None:
    """Send an invitation that stands once more, as it was last sent, under its UID and SEQUENCE.

    What has changed since then is told by a mail of its own, which raises the SEQUENCE.
    """
    draft = _with_calendar(MessageKind.INVITATION, recipient, event, invite, "REQUEST", site=site, at=at)
    last = last_calendar_facts(*recipient.about, uid=invite.uid)
    facts = draft.facts if last is None else {**draft.facts, "event": last["event"]}
    again = replace(
        draft,
        facts=facts,
        logical_key=f"again:{uuid.uuid4()}",
        message_id=None,
        in_reply_to=invite.first_message_id,
    )
    queue(**vars(again), site=site, at=at)


def queue_invitations(
    invited: Iterable[tuple[Recipient, InviteFacts]], event: Told, *, site: Site, at: datetime
) -> None:
    """Send the invitations of many new bookings of one event."""
    drafts = [
        _with_calendar(MessageKind.INVITATION, recipient, event, invite, "REQUEST", site=site, at=at)
        for recipient, invite in invited
    ]
    queue_new(drafts, site=site, at=at)


@dataclass(frozen=True)
class Change:
    """What is new to somebody: the times that they were told, if there are others now, and names of other fields."""

    old_times: tuple[datetime, datetime, str] | None
    words: tuple[str, ...]


def change_draft(
    recipient: Addressee, event: Told, invite: InviteFacts, change: Change, *, site: Site, at: datetime
) -> Draft:
    """Return the mail that says what changed of an event; a new time makes it a mail about that."""
    more: dict[str, Any] = {"changed": list(change.words)}
    if change.old_times is None:
        return _with_calendar(MessageKind.UPDATED, recipient, event, invite, "REQUEST", site=site, at=at, **more)
    starts_at, ends_at, timezone = change.old_times
    more |= {"old_starts_at": starts_at.isoformat(), "old_ends_at": ends_at.isoformat(), "old_timezone": timezone}
    return _with_calendar(MessageKind.MOVED, recipient, event, invite, "REQUEST", site=site, at=at, **more)


def queue_booking_cancelled(
    recipient: Recipient, event: Told, invite: InviteFacts, *, site: Site, at: datetime, handed_over: bool = False
) -> None:
    """Confirm that somebody gave their place back, or to somebody else; take the entry out of their calendar."""
    more = {"handed_over": True} if handed_over else {}
    _queue(MessageKind.BOOKING_CANCELLED, recipient, event, invite, "CANCEL", site=site, at=at, **more)


def queue_removed(
    recipient: Recipient, event: Told, invite: InviteFacts | None, *, message: str, site: Site, at: datetime
) -> None:
    """Say that an organiser took somebody off the list of bookings, or, without an invitation, of those who wait.

    `message` is what the organiser says to them, or "".
    """
    more: dict[str, Any] = {"removed": True, "message": message}
    if invite is None:
        _queue_plain(MessageKind.LIST_CLOSED, recipient, event, site=site, at=at, **more)
    else:
        _queue(MessageKind.BOOKING_CANCELLED, recipient, event, invite, "CANCEL", site=site, at=at, **more)


def queue_event_cancelled(
    recipient: Addressee, event: Told, invite: InviteFacts, *, reason: str, site: Site, at: datetime
) -> None:
    """Say that the event does not take place, and why."""
    _queue(MessageKind.EVENT_CANCELLED, recipient, event, invite, "CANCEL", site=site, at=at, reason=reason)


def queue_already_booked(recipient: Recipient, event: Told, *, site: Site, at: datetime) -> None:
    """Send the links again to somebody who holds a place. It has no calendar part: nothing changed."""
    queue(
        MessageKind.ALREADY_BOOKED,
        logical_key=f"already_booked:{uuid.uuid4()}",
        to_addr=recipient.email,
        facts=_facts(recipient, event),
        locale=recipient.locale,
        about_type=ABOUT,
        about_id=recipient.booking_id,
        site=site,
        at=at,
    )


@dataclass(frozen=True)
class LinksOf:
    """A place of somebody's, a turn in a line, or an offer that is kept until a moment: what its links open."""

    recipient: Recipient
    event: Told
    status: BookingStatus
    offer_expires_at: datetime | None = None

    def facts(self) -> dict[str, Any]:
        """Return what a mail freezes of it."""
        until = {} if self.offer_expires_at is None else {"offer_expires_at": self.offer_expires_at.isoformat()}
        return {**_facts(self.recipient, self.event), "status": self.status.value, **until}


def queue_links(found: Sequence[LinksOf], *, site: Site, at: datetime) -> None:
    """Send all links of one address in one mail; the first gives the name and the language.

    It is one more reminder of what was booked, so it is of that kind and counts with the others.
    """
    first = found[0].recipient
    about_type, about_id = first.about
    queue(
        MessageKind.ALREADY_BOOKED,
        logical_key=f"links:{uuid.uuid4()}",
        to_addr=first.email,
        facts={"name": first.name, "bookings": [each.facts() for each in found]},
        locale=first.locale,
        about_type=about_type,
        about_id=about_id,
        site=site,
        at=at,
    )


def queue_guest_left(recipient: Recipient, event: Told, guest: Guest, *, site: Site, at: datetime) -> None:
    """Tell the holder of a booking that a guest gave their place back; `recipient` has the places that are left."""
    queue(
        MessageKind.GUEST_LEFT,
        logical_key=f"{MessageKind.GUEST_LEFT}:{guest.id}",
        to_addr=recipient.email,
        facts={**_facts(recipient, event), "guest_id": str(guest.id)},
        locale=recipient.locale,
        about_type=ABOUT,
        about_id=recipient.booking_id,
        site=site,
        at=at,
    )


def queue_waiting(
    recipient: Recipient, event: Told, *, ahead: int, moved: bool = False, again: bool = False, site: Site, at: datetime
) -> None:
    """Say that somebody is on the waiting list, with how many before them. No calendar part: nothing is booked."""
    _queue_plain(MessageKind.WAITING, recipient, event, again=again, site=site, at=at, ahead=ahead, moved=moved)


def queue_offer(
    recipient: Recipient, event: Told, *, expires_at: datetime, again: bool = False, site: Site, at: datetime
) -> None:
    """Say that a place is kept for somebody until a moment."""
    until = expires_at.isoformat()
    _queue_plain(MessageKind.OFFER, recipient, event, again=again, site=site, at=at, offer_expires_at=until)


def queue_offer_expired(recipient: Recipient, event: Told, *, site: Site, at: datetime) -> None:
    """Say that the kept place went to somebody else."""
    _queue_plain(MessageKind.OFFER_EXPIRED, recipient, event, site=site, at=at)


def queue_no_longer_booked(recipient: Recipient, event: Told, *, site: Site, at: datetime) -> None:
    """Confirm that somebody who declined in their calendar has no place any more, with the way back."""
    _queue_plain(MessageKind.NO_LONGER_BOOKED, recipient, event, again=True, site=site, at=at)


def queue_still_coming(recipient: Recipient, event: Told, *, key: str, site: Site, at: datetime) -> None:
    """Ask somebody who answered "maybe" whether they come; `key` names the invitation and the time asked about."""
    facts = _facts(recipient, event)
    about_type, about_id = recipient.about
    draft = Draft(
        MessageKind.STILL_COMING,
        logical_key=f"{MessageKind.STILL_COMING}:{key}",
        to_addr=recipient.email,
        facts=facts,
        locale=recipient.locale,
        about_type=about_type,
        about_id=about_id,
    )
    queue_all([draft], site=site, at=at)


def queue_cancel_accepted(
    recipient: Addressee,
    event: Told,
    invite: InviteFacts,
    *,
    kind: MessageKind,
    again: bool,
    site: Site,
    at: datetime,
    **more: Any,
) -> None:
    """Take an entry out of a calendar that accepted it after it had ended; once for each SEQUENCE.

    `again` says that this SEQUENCE was taken back before, so that the mail repeats it.
    """
    draft = _with_calendar(kind, recipient, event, invite, "CANCEL", site=site, at=at, **more)
    if again:
        key = f"cancel-again:{invite.id}:{invite.sequence}"
        draft = replace(draft, logical_key=key, message_id=None, in_reply_to=invite.first_message_id)
    queue_all([draft], site=site, at=at)


def queue_list_closed(recipient: Recipient, event: Told, *, reason: str = "", site: Site, at: datetime) -> None:
    """Say that no place came free; `reason` is why the event does not take place, if it does not."""
    _queue_plain(MessageKind.LIST_CLOSED, recipient, event, site=site, at=at, reason=reason)


def _queue_plain(
    kind: MessageKind, recipient: Recipient, event: Told, *, again: bool = False, site: Site, at: datetime, **more: Any
) -> None:
    """Queue a mail without a calendar part: one for each person and kind, unless it is asked for again."""
    about_type, about_id = recipient.about
    queue(
        kind,
        logical_key=f"{kind}:{uuid.uuid4() if again else about_id}",
        to_addr=recipient.email,
        facts={**_facts(recipient, event), **more},
        locale=recipient.locale,
        about_type=about_type,
        about_id=about_id,
        site=site,
        at=at,
    )


def _queue(
    kind: MessageKind,
    recipient: Addressee,
    event: Told,
    invite: InviteFacts,
    method: Method,
    *,
    site: Site,
    at: datetime,
    **more: Any,
) -> None:
    draft = _with_calendar(kind, recipient, event, invite, method, site=site, at=at, **more)
    queue(**vars(draft), site=site, at=at)


def _with_calendar(
    kind: MessageKind,
    recipient: Addressee,
    event: Told,
    invite: InviteFacts,
    method: Method,
    *,
    site: Site,
    at: datetime,
    **more: Any,
) -> Draft:
    facts = _facts(recipient, event)
    facts.update(more)
    if invite.first_message_id is None:  # they speak, and have that entry in their calendar
        facts["speaks"] = True
    else:
        facts["calendar"] = invite.frozen(method, at=at)
    about_type, about_id = recipient.about
    return Draft(
        kind,
        logical_key=f"{kind}:{invite.id}:{invite.sequence}",
        to_addr=recipient.email,
        facts=facts,
        locale=recipient.locale,
        about_type=about_type,
        about_id=about_id,
        message_id=message_id_of(invite.id, invite.sequence, kind, site),
        in_reply_to=invite.first_message_id if invite.sequence else None,
    )


def event_facts(event: Told) -> dict[str, Any]:
    """Return what every mail about an event freezes of it."""
    return {
        "id": str(event.id),
        "slug": event.slug,
        "title": event.title,
        "summary": event.summary,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "timezone": event.timezone,
    }


def _facts(recipient: Addressee, event: Told) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": recipient.name,
        "event": event_facts(event),
        "links": recipient.links(),
    }
    if recipient.places > 1:
        facts["places"] = recipient.places
    return facts
