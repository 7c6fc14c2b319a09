"""Private calendars: the feed itself, and the page on which its owner follows, renews or stops it."""

from flask import Response, request, url_for

from engage.calendars.enums import FeedPurpose
from engage.calendars.errors import FeedNotFoundError
from engage.calendars.feeds import feed_token, get_feed_by_token, stop_feed
from engage.calendars.models import CalendarFeed
from engage.calendars.objects.links import subscribe_links
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.edge.revalidation import by_version, revalidated
from engage.events.feeds import feed_version
from engage.flows.feed_links import mail_feed_link, renew_and_mail
from engage.flows.private_feeds import NAMES, address_of, private_calendar
from engage.kernel import clock
from engage.kernel.i18n import translate
from engage.kernel.links import private_feed_url
from engage.kernel.submission_keys import find_use, use_once
from engage.kernel.tokens import read_row_id
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp
from engage.web.public.booking_views import open_booking
from engage.web.public.feed_views import CALENDAR
from engage.web.public.guest_views import open_guest

RENEWED, STOPPED = "renewed", "stopped"


@bp.get("/calendar/<token>.ics")
@access("calendar link")
def private_calendar_file(token: str) -> Response:
    """Give a private calendar, to whoever has its address and for as long as its owner is one of us."""
    site, at = context.site(), clock.now()
    limits.check("calendar", account=str(read_row_id(token)))
    feed = get_feed_by_token(token, site=site)
    address_of(feed)
    if feed.purpose is FeedPurpose.DESK:
        version = feed_version(at, public=False)
        changed_at = max(feed.created_at, version.changed_at or feed.created_at)
        answer = by_version(version.rows, changed_at, lambda: private_calendar(feed, site=site, at=at), CALENDAR)
    else:
        answer = _from_content(feed)
    answer.headers["Cache-Control"] = "private, max-age=900"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@revalidated
def _from_content(feed: CalendarFeed) -> Response:
    """Return a calendar of few events, whose tag is made of its bytes.

    It has no Last-Modified: what leaves it leaves no later moment behind, and would be taken for no change.
    """
    return Response(private_calendar(feed, site=context.site(), at=clock.now()), content_type=CALENDAR)


@bp.post("/bookings/<token>/calendar")
@access("booking link")
def mail_calendar(token: str) -> Response:
    """Mail the address of a booking the calendar of all its bookings."""
    form = PublicForm()
    booking, _ = open_booking(token)
    address, locale = booking.email_normalised, booking.locale
    limits.check("manage")
    _mail_bookings(form, address, locale=locale)
    return see_other(url_for("public.show_booking", token=token, done="calendar"))


@bp.post("/guests/<token>/calendar")
@access("booking link")
def mail_guest_calendar(token: str) -> Response:
    """Mail a guest the calendar of all their bookings."""
    form = PublicForm()
    guest, booking, _ = open_guest(token)
    address, locale = guest.email_normalised or "", booking.locale
    limits.check("manage")
    _mail_bookings(form, address, locale=locale)
    return see_other(url_for("public.show_guest", token=token, done="calendar"))


def _mail_bookings(form: PublicForm, address: str, *, locale: str) -> None:
    """Mail an address its calendar, once for each form."""
    site, at = context.site(), clock.now()
    with unit_of_work():
        if use_once(form.key, at=at) is None:
            mail_feed_link(
                FeedPurpose.BOOKINGS, address=address, locale=locale, occasion=form.key[:32], site=site, at=at
            )


@bp.route("/calendar/<string(length=48):token>/", methods=["GET", "POST"])
@access("calendar link")
def private_calendar_page(token: str) -> Response:
    """Show how to follow a private calendar; renew its address by mail, or stop it.

    Whoever renews it is mailed the new address and not shown it: the old one may be in wrong hands.
    """
    keep_private()
    form, site, at = PublicForm(), context.site(), clock.now()
    if request.method == "POST" and form.key:
        used = find_use(form.key)
        if used is not None and used.result in (RENEWED, STOPPED):  # sent again, after the address has ended (R8)
            return see_other(url_for("public.private_calendar_ended", result=used.result))
    feed = _own_feed(token)
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        form.renew_key()
        return _page(feed, form, status=status)
    limits.check("manage")
    result = STOPPED if request.form.get("act") == STOPPED else RENEWED
    with unit_of_work():
        feed = _own_feed(token)
        if use_once(form.key, at=at, result=result) is None:
            if result == STOPPED:
                stop_feed(feed, at=at)
            else:
                renew_and_mail(feed, locale=context.locale(), occasion=form.key[:32], site=site, at=at)
    return see_other(url_for("public.private_calendar_ended", result=result))


@bp.get("/calendar/")
@access("anyone")
def private_calendar_ended() -> Response:
    """Say what became of a private calendar whose address has just ended; it names nobody."""
    result = request.args.get("result")
    if result not in (RENEWED, STOPPED):
        return see_other(url_for("public.programme"))
    return show("public/calendar/ended.html", renewed=result == RENEWED)


def _own_feed(token: str) -> CalendarFeed:
    """Return the feed of a mail address; those of people who sign in are on their account's page."""
    feed = get_feed_by_token(token, site=context.site())
    if feed.address is None:
        raise FeedNotFoundError
    return feed


def _page(feed: CalendarFeed, form: PublicForm, *, status: int = 200) -> Response:
    site = context.site()
    address = private_feed_url(site.base_url, feed_token(feed, site))
    name = translate(NAMES[feed.purpose], context.locale(), organisation=site.organisation_name)
    page = show(
        "public/calendar/calendar.html",
        status=status,
        feed=feed,
        form=form,
        token=feed_token(feed, site),
        address=address,
        subscribe_links=subscribe_links(address, name),
    )
    return keep_address_private(page)
