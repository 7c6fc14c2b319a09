"""Who comes along on a booking: named, changed, and their places given back."""

from flask import Response, request, url_for

from engage.bookings.errors import BookingCancelledError, OverError
from engage.bookings.guest_queries import guests_of
from engage.bookings.guests import change_party
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, see_other, show
from engage.events.enums import Phase
from engage.kernel import clock
from engage.kernel.errors import ConflictError, EngageError
from engage.kernel.submission_keys import use_once
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp
from engage.web.public.booking_views import booking_page, open_booking
from engage.web.public.party_forms import PartyForm, party_form
from engage.web.refusals import form_again


@bp.route("/bookings/<token>/party", methods=["GET", "POST"])
@access("booking link")
def change_guests(token: str) -> Response:
    """Show who comes along, and change it. A booking becomes smaller here, and never larger."""
    booking, event = open_booking(token)
    if not (booking.is_live() or booking.is_in_line()):
        return booking_page(token, booking, event, refusal=BookingCancelledError(), status=409)
    if event.phase(clock.now()) is Phase.OVER:
        return booking_page(token, booking, event, refusal=OverError(), status=409)
    booking_id, guests = booking.id, guests_of(booking.id)
    known = {guest.email_normalised for guest in guests}
    form: PartyForm = party_form(guests)

    def page(status: int) -> Response:
        booking, event = open_booking(token)
        answer = show("public/bookings/party.html", status=status, booking=booking, event=event, form=form, token=token)
        return keep_address_private(answer)

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    changes = form.changes()
    written_to = [each.email.lower() for each in changes if each.email and not each.is_gone]
    new = [address for address in written_to if address not in known]
    site, at = context.site(), clock.now()
    try:
        if new:
            limits.check("book", account=new[0], also=new[1:])  # it writes to addresses that somebody typed
        else:
            limits.check("manage")
        with unit_of_work():
            if use_once(form.key, at=at) is None:  # sent again, it is done already (R8)
                change_party(booking_id, changes, site=site, at=at)
    except ConflictError as error:
        return booking_page(token, *open_booking(token), refusal=error, status=409)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_booking", token=token, done="party"))
