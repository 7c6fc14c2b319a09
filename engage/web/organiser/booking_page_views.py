"""One booking on the desk: its own page, adding one by hand, removing one. For organisers alone (P24)."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from engage.accounts.queries import names_of
from engage.audit.queries import entries_about
from engage.bookings.by_organiser import add_booking, remove_booking
from engage.bookings.describing import mail_of_stranger, what_happened, why
from engage.bookings.enums import BookingStatus
from engage.bookings.inviting import can_be_written_to, may_correct_address
from engage.bookings.models import Booking
from engage.bookings.outbox import mails_of_booking, troubles_of
from engage.bookings.queries import answers_in_order, get_booking_by_reference, guests_of, people_ahead
from engage.bookings.received import received_about
from engage.bookings.requests import PlaceRequest
from engage.calendars.queries import invites_of
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.events.enums import Phase
from engage.events.errors import EventFullError
from engage.events.models import Event
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.organiser.blueprint import bp
from engage.web.organiser.booking_forms import AddBookingForm, RemoveBookingForm
from engage.web.refusals import form_again


@bp.route("/organise/events/<slug>/bookings/add", methods=["GET", "POST"])
@access("organiser")
def add_booking_by_hand(slug: str) -> Response:
    """Book for somebody, or put them on the waiting list if the organiser says so."""
    get_event(slug)
    form = AddBookingForm()

    def page(status: int) -> Response:
        return show("organiser/bookings/add.html", event=get_event(slug), form=form, status=status, now=clock.now())

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    wanted = form.wanted(context.site().languages[0], actor_id())
    try:
        try:
            reference, waits = _add(slug, wanted, or_wait=form.wait.data)
        except EventFullError:  # the last place may have gone while this was written: then the list decides
            reference, waits = _add(slug, wanted, or_wait=form.wait.data, last_place_gone=True)
    except EngageError as error:
        return form_again(error, form, page)
    if waits:
        flash(_("They are on the waiting list, and a mail that says so is on its way."))
    else:
        flash(_("The booking is made, and the invitation is on its way."))
    return see_other(url_for("organiser.booking", slug=slug, reference=reference))


def _add(slug: str, wanted: PlaceRequest, *, or_wait: bool, last_place_gone: bool = False) -> tuple[str, bool]:
    site, at = context.site(), clock.now()
    with unit_of_work():
        event_id = get_event(slug).id
        booking = add_booking(event_id, wanted, or_wait=or_wait, site=site, at=at, last_place_gone=last_place_gone)
        return booking.reference, booking.status is BookingStatus.WAITING


@bp.get("/organise/events/<slug>/bookings/<reference>")
@access("organiser")
def booking(slug: str, reference: str) -> Response:
    """Show a booking: who, how many, the mails about it, and all that happened to it."""
    event, found = _get(slug, reference)
    entries = entries_about(f"booking:{found.id}")
    guests, invites, received = guests_of(found.id), invites_of([found.id]), received_about(found.id)
    authors = {str(mail.id): mail.from_addr for mail in received}
    return show(
        "organiser/bookings/booking.html",
        event=event,
        booking=found,
        guests=guests,
        answers=answers_in_order(found),
        ahead=people_ahead(found) if found.status is BookingStatus.WAITING else 0,
        mails=mails_of_booking(found.id, at=clock.now()),
        history=[(entry, what_happened(entry), why(entry), authors.get(mail_of_stranger(entry))) for entry in entries],
        names=names_of([entry.actor for entry in entries if entry.actor is not None]),
        removable=_is_removable(found, event),
        trouble=troubles_of({found.id: found.email_normalised}).get(found.id),
        writable=can_be_written_to(found, event, at=clock.now()),
        correctable=may_correct_address(found),
        invites=invites,
        invite=invites.get((found.id, None)),
        received=received,
        now=clock.now(),
    )


@bp.route("/organise/events/<slug>/bookings/<reference>/remove", methods=["GET", "POST"])
@access("organiser")
def remove_booking_by_hand(slug: str, reference: str) -> Response:
    """Ask first and say who will be told; then end the booking, or the wait."""
    event, found = _get(slug, reference)
    form = RemoveBookingForm()
    here = url_for("organiser.booking", slug=slug, reference=reference)
    if not _is_removable(found, event):
        flash(_("There is nothing to remove: this booking has ended, or the event is over."))
        return see_other(here)

    def page(status: int) -> Response:
        event, found = _get(slug, reference)
        return show("organiser/bookings/remove.html", event=event, booking=found, form=form, status=status)

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    booking_id = found.id
    try:
        with unit_of_work():
            remove_booking(
                booking_id, message=form.message.data or "", site=context.site(), at=clock.now(), actor=actor_id()
            )
    except EngageError as error:
        return form_again(error, form, page)
    flash(_("It is removed, and a mail that says so is on its way."))
    return see_other(here)


def _get(slug: str, reference: str) -> tuple[Event, Booking]:
    event = get_event(slug)
    return event, get_booking_by_reference(event.id, reference)


def _is_removable(found: Booking, event: Event) -> bool:
    return (found.is_live() or found.is_in_line()) and event.phase(clock.now()) is not Phase.OVER
