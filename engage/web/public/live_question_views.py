"""Questions to the speakers, on the page of a booking: ask, read, and vote up."""

from flask import Response, request, url_for
from flask_babel import lazy_gettext as _l

from engage.bookings.errors import BookingNotFoundError
from engage.bookings.queries import MANAGE, get_booking_by_token
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.events.queries import get_event_by_id
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.enums import IdentityBasis
from engage.responses.live_questions import public_questions
from engage.responses.services import Sender
from engage.responses.services.asking import ask_speakers as ask
from engage.responses.services.asking import takes_questions
from engage.responses.votes import votes_of
from engage.web.arrivals import TrapField, arrival_of
from engage.web.public.blueprint import bp
from engage.web.public.speakers_question import attribution_field, naming_of, publish_field, question_field
from engage.web.refusals import form_again


class LiveQuestionForm(PublicForm):
    """A question, whether its author's name is shown with it, and whether others may read it."""

    question = question_field(_l("Your question"), required=_l("Write your question first."))
    question_attribution = attribution_field()
    publish = publish_field()
    website = TrapField()


@bp.route("/bookings/<token>/questions", methods=["GET", "POST"])
@access("booking link")
def ask_speakers(token: str) -> Response:
    """Show the questions that others ask, and take one in."""
    keep_private()
    booking = get_booking_by_token(token, purpose=MANAGE, site=context.site())
    if not booking.is_live():
        raise BookingNotFoundError
    event = get_event_by_id(booking.event_id)
    event_id, name, email = event.id, booking.name, booking.email_normalised
    form = LiveQuestionForm()

    def page(status: int) -> Response:
        questions = public_questions(event_id)
        now = clock.now()
        return show(
            "public/responses/live_questions.html",
            status=status,
            event=get_event_by_id(event_id),
            form=form,
            questions=questions,
            takes=takes_questions(event, now),
            mine=votes_of([each.id for each in questions], booked_as=email),
            token=token,
            now=now,
        )

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("comment")
        with unit_of_work():
            code = ask(
                event_id,
                body=form.question.data,
                sender=Sender(IdentityBasis.BOOKING, name=name, email=email, arrival=arrival_of(form)),
                naming=naming_of(form.question_attribution.data, name),
                may_show=form.publish.data,
                key=form.key,
                language=context.locale(),
                site=context.site(),
                at=clock.now(),
            )
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_receipt", code=code))
