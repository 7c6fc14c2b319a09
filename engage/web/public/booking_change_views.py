"""What the holder of a booking may do with it: change its details, hand it over, have it erased."""

import uuid
from collections.abc import Callable

from flask import Response, request, url_for

from engage.bookings.changes import change_details, erase_booking, hand_over, may_be_erased
from engage.bookings.errors import BookingCancelledError, BookingNotFoundError, OverError, StillNeededError
from engage.bookings.models import Booking
from engage.bookings.queries import get_booking
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, see_other, show
from engage.edge.forms import PublicForm
from engage.edge.revalidation import revalidated
from engage.events.enums import Phase
from engage.events.models import Event
from engage.events.queries import get_event_by_id, get_public_event
from engage.kernel import clock
from engage.kernel.errors import ConflictError, EngageError
from engage.kernel.submission_keys import find_use, use_once
from engage.kernel.tokens import read_row_id
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp
from engage.web.public.booking_forms import DetailsForm, HandOverForm
from engage.web.public.booking_views import booking_page, open_booking
from engage.web.refusals import form_again

HANDED_OVER, ERASED = "handed-over", "erased"
MARKS = {HANDED_OVER: "handed", ERASED: "erased"}  # what a used key remembers, before the booking's id


@bp.post("/bookings/<token>/")
@access("booking link")
def change_booking(token: str) -> Response:
    """Change the name and the organisation."""
    booking, event = open_booking(token)
    refusal = _refusal(booking, event)
    if refusal is not None:
        return booking_page(token, booking, event, refusal=refusal, status=409)
    form = DetailsForm()
    booking_id = booking.id

    def page(status: int) -> Response:
        return booking_page(token, *open_booking(token), form=form, status=status)

    if not form.validate():
        return page(422)
    try:
        limits.check("manage")
        with unit_of_work():
            change_details(booking_id, name=form.name.data, organisation=form.organisation.data, at=clock.now())
    except ConflictError as error:
        return booking_page(token, *open_booking(token), refusal=error, status=409)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_booking", token=token, done="changed"))


@bp.route("/bookings/<token>/hand-over", methods=["GET", "POST"])
@access("booking link")
def hand_over_place(token: str) -> Response:
    """Ask who gets the place, then hand it over. The answer is the same whether or not they have one (rule 16)."""
    form = HandOverForm()
    again = _answer_again(token, form, HANDED_OVER)
    if again is not None:
        return again
    booking, event = open_booking(token)
    refusal = _refusal(booking, event)
    if refusal is not None:
        return booking_page(token, booking, event, refusal=refusal, status=409)
    booking_id, slug = booking.id, event.slug

    def page(status: int) -> Response:
        booking, event = open_booking(token)
        answer = show(
            "public/bookings/hand_over.html", status=status, booking=booking, event=event, form=form, token=token
        )
        return keep_address_private(answer)

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    site, at = context.site(), clock.now()
    try:
        limits.check("book", account=form.email.data)  # it writes to an address that somebody typed
        _once(
            form,
            HANDED_OVER,
            booking_id,
            lambda: hand_over(booking_id, name=form.name.data, email=form.email.data, site=site, at=at),
        )
    except ConflictError as error:
        return booking_page(token, *open_booking(token), refusal=error, status=409)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.booking_ended", slug=slug, result=HANDED_OVER))


@bp.route("/bookings/<token>/erase", methods=["GET", "POST"])
@access("booking link")
def erase(token: str) -> Response:
    """Ask, then take somebody's name and address out of a booking that is cancelled or over."""
    form = PublicForm()
    again = _answer_again(token, form, ERASED)
    if again is not None:
        return again
    booking, event = open_booking(token)
    if not may_be_erased(booking, event, at=clock.now()):
        return booking_page(token, booking, event, refusal=StillNeededError(), status=409)
    booking_id, slug = booking.id, event.slug

    def page(status: int) -> Response:
        booking, event = open_booking(token)
        answer = show("public/bookings/erase.html", status=status, booking=booking, event=event, form=form, token=token)
        return keep_address_private(answer)

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("manage")
        _once(form, ERASED, booking_id, lambda: erase_booking(booking_id, at=clock.now()))
    except ConflictError as error:
        return booking_page(token, *open_booking(token), refusal=error, status=409)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.booking_ended", slug=slug, result=ERASED))


@bp.get("/events/<slug>/booking-ended")
@access("anyone")
@revalidated
def booking_ended(slug: str) -> Response:
    """Say what was done with a booking whose links have ended; it names nobody."""
    event = get_public_event(slug)
    result = request.args.get("result")
    if result not in MARKS:
        return see_other(url_for("public.show_event", slug=slug))
    return show("public/bookings/ended.html", event=event, result=result)


def _refusal(booking: Booking, event: Event) -> ConflictError | None:
    """Return why a booking cannot be changed any more."""
    if not booking.is_live():
        return BookingCancelledError()
    return OverError() if event.phase(clock.now()) is Phase.OVER else None


def _once(form: PublicForm, result: str, booking_id: uuid.UUID, act: Callable[[], None]) -> None:
    """Do what ends a booking's links once for each form; the same form again finds it done (R6, R8)."""
    with unit_of_work():
        if use_once(form.key, at=clock.now(), result=MARKS[result] + booking_id.hex) is None:
            act()


def _answer_again(token: str, form: PublicForm, result: str) -> Response | None:
    """Return the first answer to a form that is sent again after its link has ended (R8)."""
    booking_id = read_row_id(token)
    if request.method == "GET" or booking_id is None or not form.key:
        return None
    used = find_use(form.key)
    if used is None or used.result != MARKS[result] + booking_id.hex:
        return None
    try:
        event = get_event_by_id(get_booking(booking_id).event_id)
    except BookingNotFoundError:
        return None
    return see_other(url_for("public.booking_ended", slug=event.slug, result=result))
