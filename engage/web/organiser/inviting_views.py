"""A booking whose mail does not arrive: sent again, its address corrected, or found to work after all."""

import uuid

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from engage.audit.services import record
from engage.bookings.inviting import can_be_written_to, correct_address, invite_again, may_correct_address
from engage.bookings.models import Booking
from engage.bookings.queries import get_booking_by_reference
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.models import Event
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.errors import ConflictError, EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.faults import forget_fault
from engage.web.organiser.blueprint import bp
from engage.web.organiser.message_forms import AddressForm
from engage.web.refusals import form_again


@bp.post("/organise/events/<slug>/bookings/<reference>/invitation")
@access("organiser")
def invite_by_hand(slug: str, reference: str) -> Response:
    """Send the mail that says how somebody stands once more."""
    check_token()
    _event, found = _get(slug, reference)
    booking_id, here = found.id, url_for("organiser.booking", slug=slug, reference=reference)
    try:
        with unit_of_work():
            invite_again(booking_id, site=context.site(), at=clock.now(), actor=actor_id())
    except ConflictError as error:
        flash(error.text(context.locale()))
        return see_other(here)
    flash(_("It is on its way once more."))
    return see_other(here)


@bp.route("/organise/events/<slug>/bookings/<reference>/address", methods=["GET", "POST"])
@access("organiser")
def correct_address_by_hand(slug: str, reference: str) -> Response:
    """Give a booking whose mail does not arrive another address."""
    event, found = _get(slug, reference)
    here = url_for("organiser.booking", slug=slug, reference=reference)
    if not (can_be_written_to(found, event, at=clock.now()) and may_correct_address(found)):
        flash(_("There is nothing to correct: mail arrives, or the booking has ended."))
        return see_other(here)
    form = AddressForm()

    def page(status: int) -> Response:
        event, found = _get(slug, reference)
        return show("organiser/bookings/address.html", event=event, booking=found, form=form, status=status)

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    booking_id: uuid.UUID = found.id
    try:
        with unit_of_work():
            correct_address(booking_id, email=form.email.data, site=context.site(), at=clock.now(), actor=actor_id())
    except EngageError as error:
        return form_again(error, form, page)
    flash(_("The address is corrected, and a mail is on its way there."))
    return see_other(here)


@bp.post("/organise/events/<slug>/bookings/<reference>/address/works")
@access("organiser")
def trust_address(slug: str, reference: str) -> Response:
    """Forget that mail to an address came back: somebody said that it works."""
    check_token()
    _event, found = _get(slug, reference)
    booking_id, address = found.id, found.email_normalised
    with unit_of_work():
        if forget_fault(address):
            record("organiser:booking:trust-address", f"booking:{booking_id}", at=clock.now(), actor=actor_id())
    flash(_("Mail goes to this address again. Send the invitation again, or what failed."))
    return see_other(url_for("organiser.booking", slug=slug, reference=reference))


def _get(slug: str, reference: str) -> tuple[Event, Booking]:
    event = get_event(slug)
    return event, get_booking_by_reference(event.id, reference)
