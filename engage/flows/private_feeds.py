"""What stands in somebody's private calendar: their bookings, their talks, or the organisers' events."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, and_, delete, or_, select, union_all

from engage.accounts.enums import RoleName
from engage.accounts.models import Person
from engage.bookings.enums import BookingStatus, CancelledBy
from engage.bookings.guest_queries import guest_join_token
from engage.bookings.models import Booking, Guest
from engage.bookings.queries import join_token
from engage.calendars.enums import FeedPurpose, InviteKind, InviteState
from engage.calendars.errors import FeedNotFoundError
from engage.calendars.feeds import feed_token
from engage.calendars.models import CalendarFeed, CalendarInvite
from engage.calendars.objects.feeds import FeedEvent, FeedHead, feed_ics
from engage.events.enums import NOT_SPEAKING, AppearanceStatus, EventStatus
from engage.events.feeds import KEEP_CANCELLED, KEEP_PAST, every_event_in_feed, speakers_in_feed
from engage.events.models import Appearance, Event
from engage.events.queries import line_ups
from engage.flows.calendar_feeds import organizer_of, public_entry
from engage.kernel.db import db
from engage.kernel.i18n import N_, translate
from engage.kernel.links import desk_event_url, home_url, join_url, private_feed_url
from engage.kernel.settings import Site
from engage.speakers.models import Speaker

NAMES = {
    FeedPurpose.BOOKINGS: N_("{organisation}: my bookings"),
    FeedPurpose.TALKS: N_("{organisation}: my talks"),
    FeedPurpose.DESK: N_("{organisation}: all events"),
}
DESCRIPTIONS = {
    FeedPurpose.BOOKINGS: N_("The events that you booked, with your own way in. Keep its address to yourself."),
    FeedPurpose.TALKS: N_("The events at which you speak. Keep its address to yourself."),
    FeedPurpose.DESK: N_("Every event, drafts as well. Keep its address to yourself."),
}
ORGANISERS = frozenset({RoleName.ORGANISER, RoleName.ADMINISTRATOR})
# Who was asked to speak before the event is published; afterwards everybody in the line-up is.
ASKED = (AppearanceStatus.INVITED, AppearanceStatus.ACCEPTED, AppearanceStatus.TENTATIVE)


def private_calendar(feed: CalendarFeed, *, site: Site, at: datetime) -> bytes:
    """Return the bytes of a private calendar. Raises FeedNotFoundError once its person has left."""
    address = address_of(feed)
    organizer = organizer_of(site)
    if feed.purpose is FeedPurpose.DESK:
        entries = _desk(site, at)
    elif feed.purpose is FeedPurpose.TALKS:
        entries = _talks(address, site, at)
    else:
        entries = [*_bookings(address, site, at), *_places_of_guest(address, site, at)]
    head = FeedHead(
        name=translate(NAMES[feed.purpose], organizer.locale, organisation=site.organisation_name),
        description=translate(DESCRIPTIONS[feed.purpose], organizer.locale),
        uid=f"{feed.purpose}-{feed.id}@{site.mail_domain}",
        source_url=private_feed_url(site.base_url, feed_token(feed, site)),
        home_url=home_url(site.base_url),
    )
    entries.sort(key=lambda entry: (entry.starts_at, entry.uid))
    return feed_ics(head, entries, organizer)


def address_of(feed: CalendarFeed) -> str:
    """Return the mail address that a feed is about.

    Raises FeedNotFoundError for somebody who is shut out, or does not organise any more.
    """
    if feed.person_id is None:
        if feed.address is None or feed.purpose is FeedPurpose.DESK:
            raise FeedNotFoundError
        return feed.address
    person = db.session.get(Person, feed.person_id)
    if person is None or person.disabled_at is not None:
        raise FeedNotFoundError
    if feed.purpose is FeedPurpose.DESK and not person.role_names() & ORGANISERS:
        raise FeedNotFoundError
    return person.email


def forget_feeds_of_nobody() -> None:
    """Delete the feeds of addresses that no booking, guest or speaker has any more (P18)."""
    known: CompoundSelect[Any] = union_all(
        select(Booking.email_normalised),
        select(Guest.email_normalised).where(Guest.email_normalised.is_not(None)),
        select(Speaker.email).where(Speaker.email.is_not(None)),
    )
    nobodys = (CalendarFeed.address.is_not(None), CalendarFeed.address.not_in(known))
    db.session.execute(delete(CalendarFeed).where(*nobodys))


def _window(at: datetime) -> Any:
    """Hold what comes, the last 90 days, and events that were cancelled in the last 60."""
    goes_on = and_(Event.status != EventStatus.CANCELLED, Event.ends_at > at - KEEP_PAST)
    cancelled = and_(Event.status == EventStatus.CANCELLED, Event.cancelled_at > at - KEEP_CANCELLED)
    return or_(goes_on, cancelled)


def _bookings(address: str, site: Site, at: datetime) -> list[FeedEvent]:
    """Return what an address booked or waits for; what it gave back itself is left out."""
    standing = Booking.status.in_((BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED))
    ended_with_event = and_(Booking.cancelled_by == CancelledBy.EVENT, Event.status == EventStatus.CANCELLED)
    of_holder = and_(CalendarInvite.booking_id == Booking.id, CalendarInvite.guest_id.is_(None))
    rows = db.session.execute(
        select(Booking, Event, CalendarInvite)
        .join(Event, Event.id == Booking.event_id)
        .outerjoin(CalendarInvite, of_holder)
        .where(Booking.email_normalised == address, _window(at), or_(standing, ended_with_event))
    ).all()
    speakers = _speakers([event for _, event, _ in rows])
    talks = _invites_to_speak(address)
    return [
        _personal(
            event,
            invite or talks.get(event.id),
            site,
            speakers=speakers[event.id],
            uid=f"booking-{booking.id}@{site.mail_domain}",
            made_at=booking.created_at,
            join=join_url(site.base_url, join_token(booking, site)) if booking.is_live() else "",
            tentative=booking.is_in_line(),
            note=N_("You are on the waiting list.") if booking.is_in_line() else "",
        )
        for booking, event, invite in rows
    ]


def _invites_to_speak(address: str) -> dict[uuid.UUID, CalendarInvite]:
    """Return by event what an address was invited to as a speaker: then its booking has no invitation of its own."""
    living = (CalendarInvite.kind == InviteKind.SPEAKER, CalendarInvite.state == InviteState.LIVE)
    found = db.session.scalars(select(CalendarInvite).where(CalendarInvite.attendee_addr == address, *living))
    return {invite.event_id: invite for invite in found}


def _places_of_guest(address: str, site: Site, at: datetime) -> list[FeedEvent]:
    """Return the places that somebody else booked for an address."""
    rows = db.session.execute(
        select(Guest, Booking, Event, CalendarInvite)
        .join(Booking, Booking.id == Guest.booking_id)
        .join(Event, Event.id == Booking.event_id)
        .join(CalendarInvite, CalendarInvite.guest_id == Guest.id)
        .where(
            Guest.email_normalised == address,
            Guest.gone_at.is_(None),
            _window(at),
            or_(Booking.status == BookingStatus.CONFIRMED, Booking.cancelled_by == CancelledBy.EVENT),
        )
    ).all()
    speakers = _speakers([event for _, _, event, _ in rows])
    return [
        _personal(
            event,
            invite,
            site,
            speakers=speakers[event.id],
            uid=invite.uid,
            made_at=booking.created_at,
            join=join_url(site.base_url, guest_join_token(guest, site)) if booking.is_live() else "",
        )
        for guest, booking, event, invite in rows
    ]


def _talks(address: str, site: Site, at: datetime) -> list[FeedEvent]:
    """Return the events at which an address speaks; before they are published, those that it was asked to."""
    told = or_(Event.published_at.is_not(None), Appearance.status.in_(ASKED))
    rows = db.session.execute(
        select(Appearance, Event, CalendarInvite)
        .join(Speaker, Speaker.id == Appearance.speaker_id)
        .join(Event, Event.id == Appearance.event_id)
        .outerjoin(CalendarInvite, CalendarInvite.appearance_id == Appearance.id)
        .where(Speaker.email == address, Appearance.status.not_in(NOT_SPEAKING), told, _window(at))
        .order_by(CalendarInvite.created_at)
    ).all()
    speakers = _speakers([event for _, event, _ in rows])
    latest = {appearance.id: (appearance, event, invite) for appearance, event, invite in rows}
    return [
        _personal(
            event,
            invite,
            site,
            speakers=speakers[event.id],
            uid=f"talk-{appearance.id}@{site.mail_domain}",
            made_at=event.created_at,
            # Not the link itself: it also answers for them, and calendars are shown to colleagues.
            note=N_("Your way in stands in the mail that invited you."),
            tentative=event.published_at is None or appearance.status is AppearanceStatus.TENTATIVE,
        )
        for appearance, event, invite in latest.values()
    ]


def _desk(site: Site, at: datetime) -> list[FeedEvent]:
    """Return every event, drafts as tentative, each with its page at the desk."""
    names = speakers_in_feed(at)
    found = []
    for event in every_event_in_feed(at):
        entry = public_entry(event, names.get(event.key, ()), site)
        tentative = event.is_draft
        found.append(replace(entry, url=desk_event_url(site.base_url, event.slug), tentative=tentative))
    return found


def _personal(
    event: Event,
    invite: CalendarInvite | None,
    site: Site,
    *,
    speakers: tuple[str, ...],
    uid: str,
    made_at: datetime,
    join: str = "",
    tentative: bool = False,
    note: str = "",
) -> FeedEvent:
    """Return an event under the UID and SEQUENCE of somebody's invitation, so that both are one entry."""
    entry = public_entry(event, speakers, site)
    entry = replace(
        entry,
        uid=uid,
        sequence=0,
        created_at=made_at,
        modified_at=max(event.updated_at, made_at),
        url=entry.url if event.is_public() else "",
        join_url=join,
        notes=(translate(note, site.languages[0]),) if note else (),
        tentative=tentative,
    )
    if invite is None:
        return entry
    return replace(
        entry,
        uid=invite.uid,
        sequence=invite.sequence,
        modified_at=max(entry.modified_at, invite.created_at),
        organizer_addr=invite.organizer_addr,
    )


def _speakers(events: list[Event]) -> dict[Any, tuple[str, ...]]:
    found = line_ups([event.id for event in events])
    return {
        event.id: tuple(f"{one.name}, {one.organisation}" if one.organisation else one.name for one in found[event.id])
        for event in events
    }
