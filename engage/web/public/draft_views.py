"""What was saved to come back to: read, changed, sent or deleted by its private link."""

from functools import partial

from flask import Response, request, url_for

from engage.consultations.models import Consultation
from engage.consultations.queries import get_consultation, get_consultation_by_id
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.edge.uploads import allow_large
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.links import draft_url
from engage.kernel.submission_keys import find_use
from engage.kernel.tokens import receipt_code
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.errors import DraftGoneError, DraftNotFoundError, StaleDraftError
from engage.responses.services import Sender
from engage.responses.services.drafts import KEEP_AFTER_CLOSING, change_draft, delete_draft, end_draft, get_draft
from engage.web.answer_forms import answer_form
from engage.web.public.blueprint import bp
from engage.web.public.draft_forms import DraftForm, put_together, saved_draft_form, sent_draft_form
from engage.web.public.respond_views import SAVE, SavedDraft, answer_page, late_token, receive, sender_of
from engage.web.recordings import stored_recordings
from engage.web.refusals import form_again
from engage.web.two_versions import Versions


@bp.route("/drafts/<token>/", methods=["GET", "POST"])
@access("draft link")
def show_draft(token: str) -> Response:
    """Show what was saved in its form; save it again, or send it, which ends the draft."""
    keep_private()
    allow_large()
    sent = _sent_already()
    if sent is not None:
        return sent
    try:
        draft = get_draft(token, site=context.site())
    except DraftNotFoundError:
        return _words_without_draft()
    consultation = get_consultation_by_id(draft.consultation_id)
    page = partial(_draft_page, token, consultation)
    if request.method == "GET":
        return page(saved_draft_form(consultation, draft))
    form = sent_draft_form(consultation)
    if not form.validate():
        return page(form, status=422)
    try:
        if SAVE in request.form:
            return _save(token, form)
        sender = sender_of(form)
        limits.check("respond", account=sender.email or None)
        code = _send(token, consultation, form, sender)
    except DraftNotFoundError:  # somebody sent or deleted it at this moment
        return _sent_already() or _words_without_draft()
    except StaleDraftError as error:
        versions = put_together(form, consultation, get_draft(token, site=context.site()))
        return form_again(error, form, lambda status: page(form, status=status, versions=versions))
    except EngageError as error:
        return form_again(error, form, lambda status: page(form, status=status))
    return see_other(url_for("public.show_receipt", code=code))


def _sent_already() -> Response | None:
    """Lead to the receipt that the same click led to before, as a second one does (R8)."""
    if request.method != "POST" or find_use(PublicForm().key) is None:
        return None
    code = receipt_code(context.site().link_secrets, PublicForm().key)
    return see_other(url_for("public.show_receipt", code=code))


def _words_without_draft() -> Response:
    """Give what was typed back, in a form that sends new answers (R35). Raises DraftNotFoundError if nothing was."""
    slug = request.form.get("consultation", "")
    if not slug:
        raise DraftNotFoundError
    consultation, late = get_consultation(slug), late_token()
    form = answer_form(consultation)
    form.renew_key()
    form.refuse(DraftGoneError())
    address = url_for("public.respond", slug=slug, late=late or None)
    return answer_page(form, consultation, address=address, late=late, status=404)


def _draft_page(
    token: str, consultation: Consultation, form: DraftForm, *, status: int = 200, versions: Versions | None = None
) -> Response:
    late = late_token()
    return answer_page(
        form,
        consultation,
        address=url_for("public.show_draft", token=token, late=late or None),
        late=late,
        status=status,
        draft=SavedDraft(
            token=token,
            address=draft_url(context.site().base_url, token),
            is_mailed=get_draft(token, site=context.site()).email is not None,
            just_saved=request.method == "GET" and "saved" in request.args,
            kept_until=(consultation.late_until or consultation.closes_at) + KEEP_AFTER_CLOSING,
        ),
        versions=versions,
    )


def _save(token: str, form: DraftForm) -> Response:
    limits.check("draft", account=form.email.data or None)
    late = late_token()
    with unit_of_work():
        change_draft(
            token,
            fields=form.typed(),
            email=form.email.data,
            version=form.version.data or "",
            late=late,
            site=context.site(),
            at=clock.now(),
        )
    return see_other(url_for("public.show_draft", token=token, saved="yes", late=late or None))


def _send(token: str, consultation: Consultation, form: DraftForm, sender: Sender) -> str:
    """Take the answers in and let the draft go, both or neither."""
    with stored_recordings(form), unit_of_work():
        end_draft(token, version=form.version.data or "", site=context.site(), at=clock.now())
        return receive(consultation, form, sender=sender, late=late_token())


@bp.route("/drafts/<token>/delete", methods=["GET", "POST"])
@access("draft link")
def delete_own_draft(token: str) -> Response:
    """Ask before what was saved is deleted; then delete it."""
    keep_private()
    draft = get_draft(token, site=context.site())
    consultation = get_consultation_by_id(draft.consultation_id)
    slug = consultation.slug
    if request.method == "GET":
        form = PublicForm.button()
        return show("public/responses/draft_delete.html", consultation=consultation, token=token, form=form)
    with unit_of_work():
        delete_draft(token, site=context.site(), at=clock.now())
    return see_other(url_for("public.show_consultation", slug=slug))
