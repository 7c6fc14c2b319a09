"""Answering a consultation in writing."""

from flask import Response, request, url_for

from engage.consultations.models import Consultation
from engage.consultations.queries import get_consultation
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import wordings
from engage.responses.enums import IdentityBasis
from engage.responses.services import Naming, Sender, receive_answers
from engage.web.public.answer_forms import AnswerForm, answer_form
from engage.web.public.blueprint import bp
from engage.web.refusals import form_again


@bp.route("/consultations/<slug>/respond", methods=["GET", "POST"])
@access("anyone")
def respond(slug: str) -> Response:
    """Show the questions with a field for each, and take the answers in."""
    consultation = get_consultation(slug)
    form = answer_form(consultation)

    def page(status: int) -> Response:
        return show(
            "public/responses/respond.html",
            status=status,
            consultation=consultation,
            form=form,
            now=clock.now(),
        )

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("respond", account=form.email.data or None)
        code = _receive(consultation, form)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_receipt", code=code))


def _receive(consultation: Consultation, form: AnswerForm) -> str:
    consultation_id, language = consultation.id, context.locale()
    with unit_of_work():
        return receive_answers(
            consultation_id,
            answers=form.answers(),
            sender=Sender(IdentityBasis.GUEST, email=form.email.data),
            naming=Naming(form.way, form.display_name.data, form.organisation.data),
            consents=form.consents,
            wordings=wordings(language),
            key=form.key,
            language=language,
            site=context.site(),
            at=clock.now(),
        )
