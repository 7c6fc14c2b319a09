"""An attendee's own way in: before, during and after (rule 14)."""

from datetime import datetime

from flask import Response, request, url_for

from engage.bookings.errors import BookingCancelledError, DoorsClosedError
from engage.bookings.guest_queries import get_way_in, guest_token
from engage.bookings.queries import manage_token
from engage.bookings.services import note_joined
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_private, show
from engage.edge.forms import PublicForm
from engage.events.errors import BookingClosedError, EventOverError
from engage.events.queries import PASS, discussed_questions, event_pass, get_event_by_id
from engage.kernel import clock, when
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp


@bp.route("/join/<token>", methods=["GET", "POST"])
@access("booking link")
def join(token: str) -> Response:
    """Show how long is left, the button while the doors are open, and where to go on afterwards."""
    keep_private()
    site = context.site()
    booking, guest = get_way_in(token, site=site)
    booking_id, guest_id = booking.id, None if guest is None else guest.id
    if request.method == "GET":
        return _page(token, 200)
    limits.check("manage")
    try:
        with unit_of_work():
            address = note_joined(booking_id, guest_id=guest_id, at=clock.now())
    except (DoorsClosedError, EventOverError, BookingCancelledError, BookingClosedError):
        return _page(token, 409)
    answer = show("public/bookings/joining.html", address=address)
    # Not a redirect: browsers stop one to another origin after a form (form-action 'self').
    answer.headers["Refresh"] = f"1; url={address}"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _page(token: str, status: int) -> Response:
    """Say where the event is now; a refused POST shows the same with its status."""
    site, now = context.site(), clock.now()
    booking, guest = get_way_in(token, site=site)
    if guest is None:
        own_page = url_for("public.show_booking", token=manage_token(booking, site))
    else:
        own_page = url_for("public.show_guest", token=guest_token(guest, site))
    event = get_event_by_id(booking.event_id)
    page = show(
        "public/bookings/join.html",
        status=status,
        has_place=booking.is_live() and (guest is None or guest.gone_at is None),
        event=event,
        token=token,
        form=PublicForm.button(),
        own_page=own_page,
        comment_address=url_for("public.comment_on_event", slug=event.slug) + f"?{PASS}={event_pass(event, site)}",
        questions=[question for question in discussed_questions(event.id) if question.is_public],
        left=_left(int((event.doors_open_at() - now).total_seconds())),
        zone=_zone(now, event.timezone),
        now=now,
    )
    page.headers["Referrer-Policy"] = "strict-origin"
    return page


def _zone(now: datetime, timezone: str) -> str:
    """Return "UK time (GMT)"."""
    return f"{when.zone_words(timezone, context.locale())} ({when.abbreviation(when.local_time(now, timezone))})"


def _left(seconds: int) -> tuple[int, int, int]:
    """Return whole days, hours and minutes; a minute that has begun counts."""
    minutes = max(0, -(-seconds // 60))
    return minutes // 1440, minutes % 1440 // 60, minutes % 60
