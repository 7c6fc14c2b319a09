"""Who comments on an event, and how: its one page of settings."""

from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.events.errors import StaleEventError
from engage.events.models import Event
from engage.events.queries import get_event
from engage.events.services.comment_rules import set_comment_rules
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.booking_rules_views import get_changeable_event
from engage.web.organiser.comment_rules_forms import CommentRulesForm
from engage.web.organiser.event_views import event_path, read_version
from engage.web.organiser.hold_rules_forms import HOLD_RULES
from engage.web.two_versions import Versions

NAMES = ("who", "days", "live_questions", "mode", *HOLD_RULES)


@bp.route("/organise/events/<slug>/comments", methods=["GET", "POST"])
@access("organiser")
def comment_rules(slug: str) -> Response:
    """Show who comments and when words are shown, and change it; also once the event is over."""
    event = get_changeable_event(slug)
    event_id = event.id
    form = CommentRulesForm()
    if request.method == "GET":
        form.fill_from(event)
        return _page(form, event)
    if not form.validate():
        return _page(form, event, status=422)
    try:
        with unit_of_work():
            version = read_version(form.version.data)
            changed = set_comment_rules(event_id, form.rules(), version=version, at=clock.now(), actor=actor_id())
    except StaleEventError:
        return _stale_page(form, get_event(slug))
    except EngageError as error:
        form.refuse(error)
        return _page(form, get_event(slug), status=status_of(error))
    flash(_("The rules for comments are saved.") if changed else _("Nothing was different, so nothing changed."))
    return see_other(event_path(slug, "comments"))


def _page(form: CommentRulesForm, event: Event, *, status: int = 200, versions: Versions | None = None) -> Response:
    shown = versions or Versions()
    return show("organiser/events/comment_rules.html", form=form, event=event, status=status, versions=shown)


def _stale_page(form: CommentRulesForm, event: Event) -> Response:
    """Show both; saving once more is then a choice made knowingly (R11)."""
    theirs = CommentRulesForm(formdata=None)
    theirs.fill_from(event)
    differences = [
        (form[name].label.text, _in_words(theirs[name]), _in_words(form[name]))
        for name in NAMES
        if (theirs[name].data or "") != (form[name].data or "")
    ]
    form.version.data = str(event.version)
    form.form_errors.append(
        _("Somebody else changed this event while you were writing, so nothing is saved yet. Look at it once more.")
    )
    return _page(form, event, status=409, versions=Versions(differences))


def _in_words(field: Any) -> str:
    """Return what a field says, as a person reads it."""
    if isinstance(field.data, bool):
        return str(_("Yes") if field.data else _("No"))
    named = {choice.value: choice.label for choice in getattr(field, "choices", None) or ()}
    return str(named.get(field.data, field.data) or _("Nothing"))
