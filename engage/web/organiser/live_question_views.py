"""Questions to the speakers at the desk: the most wanted first, and when each was answered."""

import re
import uuid

from flask import Response, flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.forms import SignedInForm, text_field
from engage.events.models import Event
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.errors import AnsweredWhenError
from engage.responses.live_questions import desk_questions
from engage.responses.services.asking import mark_answered
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_views import event_path

_WHEN = re.compile(r"([0-9]{1,3}):([0-5][0-9])")


class AnsweredForm(SignedInForm):
    """When a question was answered, as minutes and seconds into the event; empty: not yet."""

    when = text_field(_l("Answered at (minutes:seconds)"), limit=6)

    def seconds(self) -> int | None:
        """Return it in seconds. Raises AnsweredWhenError."""
        typed = self.when.data or ""
        if not typed:
            return None
        found = _WHEN.fullmatch(typed)
        if found is None:
            raise AnsweredWhenError
        return int(found[1]) * 60 + int(found[2])


@bp.get("/organise/events/<slug>/live-questions")
@access("organiser")
def live_questions(slug: str) -> Response:
    """List all questions to the speakers of an event."""
    return _page(get_event(slug))


@bp.post("/organise/events/<slug>/live-questions/<uuid:response_id>")
@access("organiser")
def answered(slug: str, response_id: uuid.UUID) -> Response:
    """Say when a question was answered, or that it was not."""
    event = get_event(slug)
    event_id = event.id
    form = AnsweredForm()
    if not form.validate():
        return _page(event, wrong=(response_id, form), status=422)
    try:
        seconds = form.seconds()
        with unit_of_work():
            mark_answered(response_id, event_id=event_id, seconds=seconds, at=clock.now(), actor=current_user.id)
    except AnsweredWhenError as error:
        form.refuse(error)
        return _page(get_event(slug), wrong=(response_id, form), status=422)
    flash(_("It is marked as answered.") if seconds is not None else _("It is marked as not answered."))
    return see_other(event_path(slug, "live-questions"))


def _page(event: Event, *, wrong: tuple[uuid.UUID, AnsweredForm] | None = None, status: int = 200) -> Response:
    return show(
        "organiser/events/live_questions.html",
        status=status,
        event=event,
        questions=desk_questions(event.id),
        wrong_id=wrong[0] if wrong else None,
        form=wrong[1] if wrong else None,
        now=clock.now(),
    )
