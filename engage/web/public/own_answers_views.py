"""The answers of a booking to its event's own questions: read and changed by the private link."""

from flask import Response, request, url_for

from engage.bookings.errors import OwnAnswersError
from engage.bookings.own_answers import change_answers, refuse_new_answers
from engage.bookings.queries import answers_of_booking, asked_questions
from engage.edge import limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, see_other, show
from engage.kernel import clock
from engage.kernel.errors import ConflictError, EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.public.blueprint import bp
from engage.web.public.booking_forms import OwnAnswersForm
from engage.web.public.booking_views import booking_page, open_booking
from engage.web.public.own_question_fields import asking, field_name
from engage.web.refusals import form_again


@bp.route("/bookings/<token>/answers", methods=["GET", "POST"])
@access("booking link")
def change_own_answers(token: str) -> Response:
    """Show the questions with what was answered; take the answers anew, until the event is over."""
    booking, event = open_booking(token)
    try:
        refuse_new_answers(booking, event, at=clock.now())
    except ConflictError as error:
        return booking_page(token, booking, event, refusal=error, status=409)
    booking_id = booking.id
    given, questions = answers_of_booking(booking_id), asked_questions(event.id)
    form = asking(OwnAnswersForm, questions, given)()

    def page(status: int) -> Response:
        _, event = open_booking(token)
        return keep_address_private(
            show("public/bookings/answers.html", status=status, event=event, form=form, token=token)
        )

    if request.method == "GET":
        for question in questions:
            form[field_name(question)].data = given.get(question.id, "")
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("manage")
        with unit_of_work():
            change_answers(booking_id, form.own_answers(), at=clock.now())
    except OwnAnswersError as error:  # what is asked changed in this moment
        form = asking(OwnAnswersForm, asked_questions(open_booking(token)[1].id), given)()
        if form.validate():
            form.refuse(error)
        return page(422)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_booking", token=token, _anchor="answers"))
