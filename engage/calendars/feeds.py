"""Private calendar feeds: one address for each person and purpose, renewed by a new nonce and stopped alone.

Of somebody who signs in by their id, of an attendee or a speaker without an account by their mail address.
Nothing stored opens one: see docs/decisions/0007-private-calendars-are-signed-rows.md.
"""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select

from engage.audit.services import record
from engage.calendars.enums import FeedPurpose
from engage.calendars.errors import FeedNotFoundError
from engage.calendars.models import CalendarFeed
from engage.kernel.db import db
from engage.kernel.plain import insert_unless_there
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce, read_row_id, sign_row, verify_row

FEED = "calendar"


def feed_token(feed: CalendarFeed, site: Site) -> str:
    """Return the token of a feed's address."""
    return sign_row(site.link_secrets, FEED, feed.id, feed.nonce)


def get_feed_by_token(token: str, *, site: Site) -> CalendarFeed:
    """Return the feed that an address opens.

    Raises FeedNotFoundError for a forged, renewed, stopped or unknown one, all alike.
    """
    feed_id = read_row_id(token)
    feed = None if feed_id is None else db.session.get(CalendarFeed, feed_id)
    if feed is None or not verify_row(site.link_secrets, token, FEED, feed.id, feed.nonce):
        raise FeedNotFoundError
    return feed


def find_feed(
    purpose: FeedPurpose, *, person_id: uuid.UUID | None = None, address: str | None = None
) -> CalendarFeed | None:
    """Return somebody's feed for a purpose, if they have one."""
    return db.session.scalar(select(CalendarFeed).where(_of(purpose, person_id, address)))


def feeds_of_person(person_id: uuid.UUID) -> dict[FeedPurpose, CalendarFeed]:
    """Return the feeds of somebody who signs in."""
    found = db.session.scalars(select(CalendarFeed).where(CalendarFeed.person_id == person_id))
    return {feed.purpose: feed for feed in found}


def make_feed(
    purpose: FeedPurpose, *, at: datetime, person_id: uuid.UUID | None = None, address: str | None = None
) -> CalendarFeed:
    """Return somebody's feed for a purpose; the first time, make it. Give one of `person_id` and `address`."""
    values = {"purpose": purpose, "person_id": person_id, "address": address, "created_at": at}
    owner = "person_id" if address is None else "address"
    is_new = insert_unless_there(CalendarFeed, values, unique=("purpose", owner))
    feed = db.session.scalars(select(CalendarFeed).where(_of(purpose, person_id, address))).one()
    if is_new:
        record("person:feed:make", f"calendar_feed:{feed.id}", at=at, after={"purpose": purpose.value})
    return feed


def renew_feed(feed: CalendarFeed, *, at: datetime) -> None:
    """Give a feed another address; the old one is dead at once."""
    feed.nonce = new_nonce()
    record("person:feed:renew", f"calendar_feed:{feed.id}", at=at)
    db.session.flush()


def stop_feed(feed: CalendarFeed, *, at: datetime) -> None:
    """Let a feed end; another one has another address."""
    record("person:feed:stop", f"calendar_feed:{feed.id}", at=at)
    db.session.delete(feed)
    db.session.flush()


def forget_feeds(address: str) -> None:
    """Delete the feeds of a mail address, for somebody who wants to be forgotten (P18)."""
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.address == address))


def _of(purpose: FeedPurpose, person_id: uuid.UUID | None, address: str | None) -> ColumnElement[bool]:
    if (person_id is None) == (address is None):
        raise ValueError("a feed belongs to a person or to an address")
    owner = CalendarFeed.person_id == person_id if address is None else CalendarFeed.address == address
    return and_(CalendarFeed.purpose == purpose, owner)
