"""Stopping reminders and follow-up by one click, and switching them on again."""

from flask import Response, request, url_for

from engage.bookings.guest_queries import GUEST, get_guest_by_token
from engage.bookings.stopping import event_id_of, get_reminded, set_reminders, wants_mail
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, keep_private, see_other, show
from engage.edge.forms import YES, PublicForm
from engage.events.models import Appearance
from engage.events.queries import get_event_by_id
from engage.kernel import clock
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp
from engage.web.public.booking_views import open_booking

ONE_CLICK = "One-Click"  # what a mail program sends as List-Unsubscribe


@bp.route("/unsubscribe/<token>", methods=["GET", "POST"])
@access("booking link")
def unsubscribe(token: str) -> Response:
    """Ask, then stop the reminders about one event; a second time changes nothing.

    A mail program's own POST (RFC 8058) carries nothing but the link: no cookie, no origin, no key of ours. It is
    answered at once, since such programs follow no redirect, and is not counted, since one of them acts for many.
    """
    keep_private()
    if request.method == "GET":
        return _page(token)
    by_program = request.form.get("List-Unsubscribe") == ONE_CLICK
    reminded_id = get_reminded(token, site=context.site()).id
    with unit_of_work():
        set_reminders(reminded_id, on=False, at=clock.now())
    if by_program:
        return _page(token)
    return see_other(url_for("public.unsubscribe", token=token))


@bp.post("/bookings/<token>/reminders")
@access("booking link")
def choose_reminders(token: str) -> Response:
    """Switch the reminders of one's own booking on or off."""
    on = request.form.get("reminders") == YES
    booking, _ = open_booking(token)
    booking_id = booking.id
    limits.check("manage")
    with unit_of_work():
        set_reminders(booking_id, on=on, at=clock.now())
    return see_other(url_for("public.show_booking", token=token) + "#reminders")


@bp.post("/guests/<token>/reminders")
@access("booking link")
def choose_guest_reminders(token: str) -> Response:
    """Switch the reminders of a guest on or off, by their own link."""
    on = request.form.get("reminders") == YES
    keep_private()
    guest_id = get_guest_by_token(token, purpose=GUEST, site=context.site()).id
    limits.check("manage")
    with unit_of_work():
        set_reminders(guest_id, on=on, at=clock.now())
    return see_other(url_for("public.show_guest", token=token) + "#reminders")


def _page(token: str) -> Response:
    """Say whether reminders are on, with the button that stops them."""
    reminded = get_reminded(token, site=context.site())
    event = get_event_by_id(event_id_of(reminded))
    page = show(
        "public/bookings/unsubscribe.html",
        event=event,
        is_on=wants_mail(reminded),
        speaks=isinstance(reminded, Appearance),
        token=token,
        form=PublicForm.button(),
        now=clock.now(),
    )
    return keep_address_private(page)
