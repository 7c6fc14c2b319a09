"""The one queue over the one store: its piles, narrowed and searched."""

from babel import Locale
from flask import Response, request, url_for
from flask_login import current_user

from engage.consultations.queries import consultation_titles, get_any_consultation
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.limits import TooManyError
from engage.events.queries import event_titles, get_event
from engage.responses import describing
from engage.responses.consents import every_wording
from engage.responses.moderation_queries import NO_QUEUE, moderation_queue
from engage.responses.search.words import terms_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.queue_forms import QueueForm
from engage.web.paging import page_number
from engage.web.refusals import form_again


@bp.route("/organise/responses/", methods=["GET", "POST"])
@access("moderator")
def queue() -> Response:
    """List a pile of responses, of all events and consultations or of one; or find some by their words.

    Words may be somebody's name, so they come by POST and stand in no address (P21).
    """
    posted = request.method == "POST"
    form = QueueForm(formdata=request.form if posted else request.args)
    event = get_event(form.event.data) if form.event.data else None
    consultation = get_any_consultation(form.consultation.data) if form.consultation.data else None
    form.offer(
        events=event_titles(also=event),
        consultations=consultation_titles(),
        consultation=consultation,
        languages=language_names(),
    )
    if not posted:
        form.words.data = ""
    good = form.validate() if posted else form.days_are_good()
    typed = form.words.data or ""

    def page(status: int) -> Response:
        found = NO_QUEUE
        if status == 200:
            terms, number = terms_of(typed), page_number()
            found = moderation_queue(form.pile(), form.looked(event, consultation), terms=terms, page=number)
        return show(
            "organiser/responses/queue.html",
            status=status,
            form=form,
            queue=found,
            typed=typed if status == 200 else "",
            pile=form.pile(),
            event=event,
            consultation=consultation,
            filters=form.address(),
            wordings=every_wording(context.locale()),
            words=describing,
        )

    if not good:
        return page(422)
    if posted and not typed:
        return see_other(url_for("organiser.queue", **form.address()))
    if posted:
        try:
            limits.check("search", account=str(current_user.id))
        except TooManyError as error:
            return form_again(error, form, page)
    return page(200)


def language_names() -> dict[str, str]:
    """Return the names of the site's languages, by their codes."""
    return {code: str(Locale.parse(code).get_display_name(context.locale())) for code in context.site().languages}
