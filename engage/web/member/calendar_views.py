"""The private calendars of somebody who signs in: made, renewed and stopped by themselves."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from engage.calendars.enums import FeedPurpose
from engage.calendars.feeds import feed_token, feeds_of_person, find_feed, make_feed, renew_feed, stop_feed
from engage.calendars.models import CalendarFeed
from engage.calendars.objects.links import subscribe_links
from engage.edge import context
from engage.edge.access import access, roles_held
from engage.edge.answers import see_other, show
from engage.edge.sign_in import check_token, current_person
from engage.flows.private_feeds import NAMES
from engage.kernel import clock
from engage.kernel.errors import NotFoundError
from engage.kernel.i18n import translate
from engage.kernel.links import private_feed_url
from engage.kernel.unit_of_work import unit_of_work
from engage.web.member.blueprint import bp

RENEW, STOP = "renew", "stop"


@bp.get("/account/calendars")
@access("member")
def calendars() -> Response:
    """Show each calendar that this person may have, with its address if there is one."""
    person = current_person()
    if person is None:
        raise NotFoundError
    feeds = feeds_of_person(person.id)
    shown = [(purpose, _followed(feeds.get(purpose))) for purpose in _purposes()]
    return show("member/calendars/calendars.html", calendars=shown)


@bp.post("/account/calendars/<purpose>")
@access("member")
def change_calendar(purpose: str) -> Response:
    """Make one of this person's calendars, give it a new address, or stop it."""
    check_token()
    person = current_person()
    if person is None or purpose not in _purposes():
        raise NotFoundError
    wanted, act, at = FeedPurpose(purpose), request.form.get("act"), clock.now()
    with unit_of_work():
        feed = find_feed(wanted, person_id=person.id)
        if act == STOP:
            if feed is not None:
                stop_feed(feed, at=at)
            said = _("The calendar has ended, and its address shows nothing any more.")
        elif act == RENEW and feed is not None:
            renew_feed(feed, at=at)
            said = _("The calendar has a new address. The old one shows nothing any more.")
        else:
            make_feed(wanted, person_id=person.id, at=at)
            said = _("The calendar is ready to be followed.")
    flash(said)
    return see_other(url_for("member.calendars") + f"#{wanted}")


def _purposes() -> list[FeedPurpose]:
    """Return the calendars that the person who is signed in may have."""
    own = [FeedPurpose.BOOKINGS, FeedPurpose.TALKS]
    return [*own, FeedPurpose.DESK] if "organiser" in roles_held() else own


def _followed(feed: CalendarFeed | None) -> dict[str, object] | None:
    """Return the address of a feed and the links that follow it."""
    if feed is None:
        return None
    site = context.site()
    address = private_feed_url(site.base_url, feed_token(feed, site))
    name = translate(NAMES[feed.purpose], context.locale(), organisation=site.organisation_name)
    return {"address": address, "links": subscribe_links(address, name)}
