"""What the holder of a booking needs to take part: read, said anew, taken back, by their private link alone."""

from flask import Response, request, url_for

from engage.bookings.access_needs import change_access_needs, refuse_new_needs
from engage.bookings.queries import find_need
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, see_other, show
from engage.kernel import clock
from engage.kernel.errors import ConflictError, EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp
from engage.web.public.booking_forms import AccessNeedsForm
from engage.web.public.booking_views import booking_page, open_booking
from engage.web.refusals import form_again


@bp.route("/bookings/<token>/access-needs", methods=["GET", "POST"])
@access("booking link")
def access_needs(token: str) -> Response:
    """Show what somebody told us they need, and what we promised; take it anew, or take it out."""
    form = AccessNeedsForm()
    booking, event = open_booking(token)
    booking_id, need = booking.id, find_need(booking.id)
    may_say = True
    try:
        refuse_new_needs(booking, event, at=clock.now())
    except ConflictError as error:
        may_say = False
        if need is None:  # what is there can be taken back to the end
            return booking_page(token, booking, event, refusal=error, status=409)

    def page(status: int) -> Response:
        _, event = open_booking(token)
        need = find_need(booking_id)
        answer = show(
            "public/bookings/access_needs.html",
            status=status,
            event=event,
            need=need,
            may_say=may_say,
            form=form,
            token=token,
        )
        return keep_address_private(answer)

    if request.method == "GET":
        form.renew_key()
        form.access_needs.data = need.body if need else ""
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("manage")
        with unit_of_work():
            change_access_needs(booking_id, form.access_needs.data, site=context.site(), at=clock.now())
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_booking", token=token, done="access", _anchor="access"))
