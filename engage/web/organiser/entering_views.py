"""What came by post, phone or e-mail, typed in at the desk."""

import uuid

from flask import Response, request, url_for

from engage.consultations.models import Consultation
from engage.consultations.queries import get_consultation
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.edge.uploads import allow_large
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import every_wording
from engage.responses.services import Naming
from engage.responses.services.entering import enter_answers
from engage.responses.services.sittings import Paper
from engage.web.answer_forms import make_answer_form
from engage.web.organiser.blueprint import bp
from engage.web.organiser.entering_forms import EnteringForm
from engage.web.recordings import stored_recordings
from engage.web.refusals import form_again


@bp.route("/organise/consultations/<slug>/enter", methods=["GET", "POST"])
@access("organiser")
def enter(slug: str) -> Response:
    """Show the questions with their fields, take in what came on paper, and show its receipt."""
    allow_large()
    consultation = get_consultation(slug)
    form = make_answer_form(EnteringForm, consultation, None)

    def page(status: int) -> Response:
        reworded = form.reworded(consultation)
        return show(
            "organiser/consultations/enter.html",
            status=status,
            consultation=consultation,
            form=form,
            reworded=reworded,
        )

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        code = _enter(consultation, form, actor_id())
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_receipt", code=code))


def _enter(consultation: Consultation, form: EnteringForm, organiser: uuid.UUID | None) -> str:
    consultation_id, language = consultation.id, context.locale()
    with stored_recordings(form), unit_of_work():
        return enter_answers(
            consultation_id,
            answers=form.answers(),
            paper=Paper(form.way_in, form.received_on.data, organiser),
            naming=Naming(form.way, form.display_name.data, form.organisation.data),
            name=form.name.data,
            email=form.email.data,
            consents=form.consents,
            wordings=every_wording(language),
            key=form.key,
            language=language,
            site=context.site(),
            at=clock.now(),
        )
