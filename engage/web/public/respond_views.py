"""Answering a consultation: the form, sending it, and saving it to come back to."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import Response, request, url_for

from engage.consultations.models import Consultation
from engage.consultations.queries import get_consultation
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other, show
from engage.edge.uploads import allow_large
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import every_wording
from engage.responses.enums import Attribution, IdentityBasis
from engage.responses.services import Naming, Sender, receive_answers
from engage.responses.services.drafts import save_draft
from engage.responses.services.receiving import takes_answers
from engage.web.answer_forms import AnswerForm, answer_form
from engage.web.arrivals import arrival_of
from engage.web.public.blueprint import bp
from engage.web.public.commenting_as import member
from engage.web.recordings import let_record, stored_recordings
from engage.web.refusals import form_again
from engage.web.two_versions import Versions

LATE = "late"  # the organiser's late link brings its token along
SAVE = "save"  # the button that sends nothing yet


@dataclass(frozen=True)
class SavedDraft:
    """What the page says of answers that were saved: their private address, and until when they are kept."""

    token: str
    address: str
    is_mailed: bool
    just_saved: bool
    kept_until: datetime


@bp.route("/consultations/<slug>/respond", methods=["GET", "POST"])
@access("anyone")
def respond(slug: str) -> Response:
    """Show the questions with their fields, and take the answers in, or keep what was typed so far."""
    allow_large()
    consultation = get_consultation(slug)
    form, late = answer_form(consultation), late_token()

    def page(status: int) -> Response:
        address = url_for("public.respond", slug=slug, late=late or None)
        return answer_page(form, consultation, address=address, late=late, status=status)

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        if SAVE in request.form:
            return _save(consultation, form, late)
        sender = sender_of(form)
        limits.check("respond", account=sender.email or None)
        with stored_recordings(form), unit_of_work():
            code = receive(consultation, form, sender=sender, late=late)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_receipt", code=code))


def _save(consultation: Consultation, form: AnswerForm, late: str) -> Response:
    limits.check("draft", account=form.email.data or None)
    consultation_id = consultation.id
    with unit_of_work():
        token = save_draft(
            consultation_id,
            fields=form.typed(),
            email=form.email.data,
            key=form.key,
            late=late,
            locale=context.locale(),
            site=context.site(),
            at=clock.now(),
        )
    return see_other(url_for("public.show_draft", token=token, saved="yes", late=late or None))


def late_token() -> str:
    """Return the token of the late link by which somebody came, or "". What it opens is nobody else's to see."""
    late = request.args.get(LATE, "")
    if late:
        keep_private()
    return late


def answer_page(
    form: AnswerForm,
    consultation: Consultation,
    *,
    address: str,
    late: str,
    status: int,
    draft: SavedDraft | None = None,
    versions: Versions | None = None,
) -> Response:
    """Return the page of a form for answers.

    `address` is where it is sent; `versions` say in what a draft differs that was saved in two places.
    """
    now = clock.now()
    page = show(
        "public/responses/respond.html",
        status=status,
        consultation=consultation,
        form=form,
        address=address,
        may_answer=takes_answers(consultation, late=late, site=context.site(), at=now),
        is_late=bool(late),
        member=member(),
        now=now,
        draft=draft,
        versions=versions or Versions(),
        reworded=form.reworded(consultation),
    )
    return let_record(page)


def sender_of(form: AnswerForm) -> Sender:
    """Return whose answers they are: the member's who is signed in, else those of whoever typed them.

    Those that are to be anonymous are nobody's, whoever is signed in (P2).
    """
    known = None if form.attribution.data == Attribution.ANONYMOUS else member()
    return replace(known or Sender(IdentityBasis.GUEST, email=form.email.data), arrival=arrival_of(form))


def receive(consultation: Consultation, form: AnswerForm, *, sender: Sender, late: str) -> str:
    """Take the answers of a form in, in the caller's transaction; returns the receipt code."""
    language = context.locale()
    return receive_answers(
        consultation.id,
        answers=form.answers(),
        sender=sender,
        naming=Naming(form.way, form.display_name.data, form.organisation.data),
        consents=form.consents,
        wordings=every_wording(language),
        key=form.key,
        language=language,
        site=context.site(),
        late=late,
        at=clock.now(),
    )
