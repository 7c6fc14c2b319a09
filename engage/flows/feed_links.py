"""Mailing the address of a private calendar to whom it belongs, and to nobody else."""

from datetime import datetime, timedelta

from engage.calendars.enums import FeedPurpose
from engage.calendars.feeds import FEED, make_feed, renew_feed
from engage.calendars.models import CalendarFeed
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.queries import count_to
from engage.mail.services import queue

MOST_A_DAY = 3  # mails to an address that somebody gives again and again (S31)
ABOUT = "calendar_feed"


def mail_feed_link(purpose: FeedPurpose, *, address: str, locale: str, occasion: str, site: Site, at: datetime) -> None:
    """Mail an address its private calendar, made now if there is none. `occasion` names the act, for a second click.

    It goes to the address alone: whoever was forwarded the link to one booking does not see the others. After three
    such mails in a day nothing happens.
    """
    feed = make_feed(purpose, address=address, at=at)
    _mail(feed, address, locale=locale, occasion=occasion, site=site, at=at)


def renew_and_mail(feed: CalendarFeed, *, locale: str, occasion: str, site: Site, at: datetime) -> None:
    """Give the calendar of a mail address another address, and mail it there: whoever has the old one gets none."""
    if feed.address is None:
        raise ValueError("a feed of somebody who signs in is shown to them, not mailed")
    renew_feed(feed, at=at)
    _mail(feed, feed.address, locale=locale, occasion=occasion, site=site, at=at)


def _mail(feed: CalendarFeed, address: str, *, locale: str, occasion: str, site: Site, at: datetime) -> None:
    if count_to(MessageKind.FEED_LINK, address, since=at - timedelta(days=1)) >= MOST_A_DAY:
        return
    queue(
        MessageKind.FEED_LINK,
        logical_key=f"feed_link:{feed.id}:{occasion}",
        to_addr=address,
        facts={"feed": [FEED, str(feed.id), feed.nonce], "purpose": feed.purpose.value},
        locale=locale,
        about_type=ABOUT,
        about_id=feed.id,
        site=site,
        at=at,
    )
