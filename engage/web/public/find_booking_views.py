"""Finding a booking: its links go by mail, to the address that it was made with, and to nobody else."""

from flask import Response, request, url_for

from engage.bookings.changes import mail_links
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.submission_keys import use_once
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp
from engage.web.public.booking_forms import FindBookingForm
from engage.web.refusals import form_again

SENT = "sent"


@bp.route("/find-my-booking", methods=["GET", "POST"])
@access("anyone")
def find_my_booking() -> Response:
    """Ask for an address, and mail the links of its bookings. The answer is the same for every address (S19)."""
    form = FindBookingForm()

    def page(status: int) -> Response:
        sent = request.method == "GET" and request.args.get("result") == SENT
        return show("public/bookings/find.html", status=status, form=form, sent=sent)

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    site, at = context.site(), clock.now()
    try:
        limits.check("find-my-booking")
        with unit_of_work():
            if use_once(form.key, at=at, result=SENT) is None:
                mail_links(form.email.data, site=site, at=at)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.find_my_booking", result=SENT))
