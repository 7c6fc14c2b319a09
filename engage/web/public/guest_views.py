"""The own pages of somebody whom a booking's holder brings: what they have, giving it back, being forgotten."""

import uuid

from flask import Response, request, url_for

from engage.bookings.certificates import certificate_of
from engage.bookings.errors import TooLateToCancelError
from engage.bookings.guest_queries import GUEST, get_guest, get_guest_by_token, guest_join_token
from engage.bookings.guests import cannot_come, stop_mails
from engage.bookings.mails import Recipient
from engage.bookings.models import Booking, Guest
from engage.bookings.queries import get_booking
from engage.calendars.queries import find_guest_invite
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.events.enums import Phase
from engage.events.models import Event
from engage.events.queries import get_event_by_id
from engage.flows.composing import invite_file
from engage.kernel import clock
from engage.kernel.errors import EngageError, NotFoundError
from engage.kernel.submission_keys import find_use, use_once
from engage.kernel.tokens import read_row_id
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp

STOPPED = "stopped"  # what a used key remembers, before the guest's id


@bp.get("/guests/<token>/")
@access("booking link")
def show_guest(token: str) -> Response:
    """Show a guest the place that somebody booked for them."""
    return _page(token)


@bp.route("/guests/<token>/cannot-come", methods=["GET", "POST"])
@access("booking link")
def guest_cannot_come(token: str) -> Response:
    """Ask, then give a guest's place back; a second time changes nothing."""
    guest, booking, event = open_guest(token)
    if not _has_place(guest, booking):
        return _page(token)
    if event.phase(clock.now()) is Phase.OVER:
        return _page(token, refusal=TooLateToCancelError(), status=409)
    if request.method == "GET":
        return _ask(token, "cannot_come", booking, event, PublicForm.button())
    guest_id = guest.id
    try:
        limits.check("manage")
        with unit_of_work():
            cannot_come(guest_id, site=context.site(), at=clock.now())
    except TooLateToCancelError as error:
        return _page(token, refusal=error, status=409)
    return see_other(url_for("public.show_guest", token=token))


@bp.route("/guests/<token>/stop", methods=["GET", "POST"])
@access("booking link")
def guest_stop(token: str) -> Response:
    """Ask, then forget who a guest is, so that nothing is sent to them any more; their links end with it."""
    form, guest_id = PublicForm(), read_row_id(token)
    if request.method == "POST" and guest_id is not None and form.key:
        used = find_use(form.key)
        if used is not None and used.result == STOPPED + guest_id.hex:  # sent again, after the link has ended (R8)
            return _stopped(guest_id)
    guest, booking, event = open_guest(token)
    if request.method == "GET":
        form.renew_key()
        return _ask(token, "stop", booking, event, form)
    if not form.validate():
        return _ask(token, "stop", booking, event, form, status=422)
    limits.check("manage")
    guest_id, at = guest.id, clock.now()
    with unit_of_work():
        if use_once(form.key, at=at, result=STOPPED + guest_id.hex) is None:
            stop_mails(guest_id, at=at)
    return _stopped(guest_id)


@bp.get("/guests/<token>/invite.ics")
@access("booking link")
def guest_file(token: str) -> Response:
    """Give the calendar entry of a guest's invitation, for whom the mail did not reach."""
    guest, booking, event = open_guest(token)
    invite = find_guest_invite(guest.id)
    if invite is None:
        raise NotFoundError
    data = invite_file(invite, Recipient.of(booking).guest(guest), event, site=context.site())
    answer = keep_address_private(Response(data, content_type="text/calendar; charset=utf-8"))
    answer.headers["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return answer


def open_guest(token: str) -> tuple[Guest, Booking, Event]:
    """Return the guest whom a private link opens, with booking and event; the answer is stored nowhere."""
    keep_private()
    guest = get_guest_by_token(token, purpose=GUEST, site=context.site())
    booking = get_booking(guest.booking_id)
    return guest, booking, get_event_by_id(booking.event_id)


def _has_place(guest: Guest, booking: Booking) -> bool:
    return guest.gone_at is None and booking.is_live()


def _page(token: str, *, refusal: EngageError | None = None, status: int = 200) -> Response:
    guest, booking, event = open_guest(token)
    page = show(
        "public/guests/guest.html",
        status=status,
        guest=guest,
        event=event,
        token=token,
        brought_by=booking.name,
        calendar_mailed=request.args.get("done") == "calendar",
        has_place=_has_place(guest, booking),
        join_address=url_for("public.join", token=guest_join_token(guest, context.site())),
        form=PublicForm.button(),
        refusal=refusal.text(context.locale()) if refusal else "",
        certificate=certificate_of(guest, booking, event, at=clock.now()),
        now=clock.now(),
    )
    return keep_address_private(page)


def _stopped(guest_id: uuid.UUID) -> Response:
    """Lead to the page that says so; the guest's own page is no more."""
    event = get_event_by_id(get_booking(get_guest(guest_id).booking_id).event_id)
    return see_other(url_for("public.booking_ended", slug=event.slug, result="erased"))


def _ask(token: str, question: str, booking: Booking, event: Event, form: PublicForm, *, status: int = 200) -> Response:
    page = show(
        f"public/guests/{question}.html",
        status=status,
        event=event,
        brought_by=booking.name,
        form=form,
        token=token,
    )
    return keep_address_private(page)
