"""Places kept for groups: listed with their private links, added, changed, released."""

import uuid
from datetime import timedelta

from flask import Response, flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from engage.bookings.groups import change_group, release_group
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.errors import GroupReleasedError, StaleEventError
from engage.events.models import Event, PlaceGroup
from engage.events.queries import get_event, get_group, group_token, groups_of
from engage.events.services import add_group, renew_group_link
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.links import group_booking_url
from engage.kernel.unit_of_work import unit_of_work
from engage.kernel.when import local_time
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.booking_rules_forms import GroupForm
from engage.web.organiser.booking_rules_views import get_changeable_event
from engage.web.organiser.event_views import event_path, read_version

USUALLY_RELEASED = timedelta(days=7)  # before the start
GROUPS = "booking/groups"


@bp.route("/organise/events/<slug>/booking/groups", methods=["GET", "POST"])
@access("organiser")
def groups(slug: str) -> Response:
    """List the groups; keep places for one more."""
    event = get_changeable_event(slug)
    event_id = event.id
    form = GroupForm()
    if request.method == "GET":
        usual = local_time(event.starts_at, event.timezone) - USUALLY_RELEASED  # the same wall time, a week before
        form.fill_moment(usual if usual > clock.now() else event.starts_at, event.timezone)
        return _groups_page(form, event)
    if not form.validate():
        return _groups_page(form, event, status=422)
    try:
        with unit_of_work():
            add_group(
                event_id,
                name=form.name.data,
                places=int(form.places.data),
                release=form.wall_time(),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        form.refuse(error)
        return _groups_page(form, get_event(slug), status=status_of(error))
    flash(_("The places are kept. Send the group its private link."))
    return see_other(event_path(slug, GROUPS))


def _groups_page(form: GroupForm, event: Event, *, status: int = 200) -> Response:
    form.offer_fold(event.timezone)
    site = context.site()
    listed = [
        (group, group_booking_url(site.base_url, event.slug, group_token(group, site))) for group in groups_of(event.id)
    ]
    return show("organiser/booking/groups.html", form=form, event=event, groups=listed, status=status)


@bp.route("/organise/events/<slug>/booking/groups/<uuid:group_id>", methods=["GET", "POST"])
@access("organiser")
def edit_group(slug: str, group_id: uuid.UUID) -> Response:
    """Change a group; places that it keeps no longer go to everybody."""
    event = get_changeable_event(slug)
    event_id, group = event.id, get_group(group_id, event_id=event.id)
    form = GroupForm()
    if group.released_at is not None:
        raise GroupReleasedError
    if request.method == "GET":
        form.fill_from(group, event)
        return _group_page(form, event, group)
    if not form.validate():
        return _group_page(form, event, group, status=422)
    try:
        with unit_of_work():
            freed = change_group(
                group_id,
                event_id=event_id,
                name=form.name.data,
                places=int(form.places.data),
                release=form.wall_time(),
                version=read_version(form.version.data),
                site=context.site(),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        event = get_event(slug)
        form.refuse(error)
        if isinstance(error, StaleEventError):
            form.version.data = str(event.version)
        return _group_page(form, event, get_group(group_id, event_id=event_id), status=status_of(error))
    flash(_freed_words(freed) if freed else _("The group is saved."))
    return see_other(event_path(slug, GROUPS))


def _group_page(form: GroupForm, event: Event, group: PlaceGroup, *, status: int = 200) -> Response:
    form.offer_fold(event.timezone)
    return show("organiser/booking/group.html", form=form, event=event, group=group, status=status)


@bp.route("/organise/events/<slug>/booking/groups/<uuid:group_id>/release", methods=["GET", "POST"])
@access("organiser")
def release_places(slug: str, group_id: uuid.UUID) -> Response:
    """Ask first; then give what the group has left to everybody."""
    event = get_changeable_event(slug)
    event_id, group = event.id, get_group(group_id, event_id=event.id)
    if request.method == "GET":
        return show("organiser/booking/release.html", event=event, group=group)
    check_token()
    with unit_of_work():
        freed = release_group(group_id, event_id=event_id, site=context.site(), at=clock.now(), actor=actor_id())
    flash(_freed_words(freed) if freed else _("The group keeps no places any more."))
    return see_other(event_path(slug, GROUPS))


@bp.route("/organise/events/<slug>/booking/groups/<uuid:group_id>/new-link", methods=["GET", "POST"])
@access("organiser")
def renew_link(slug: str, group_id: uuid.UUID) -> Response:
    """Ask first; then give the group another private link, and end the one before."""
    event = get_changeable_event(slug)
    event_id, group = event.id, get_group(group_id, event_id=event.id)
    if request.method == "GET":
        return show("organiser/booking/new_link.html", event=event, group=group)
    check_token()
    with unit_of_work():
        renew_group_link(group_id, event_id=event_id, at=clock.now(), actor=actor_id())
    flash(_("The group has a new private link. The one before opens nothing any more."))
    return see_other(event_path(slug, GROUPS))


def _freed_words(freed: int) -> str:
    words: str = ngettext(
        "One place went to the waiting list or, if nobody waits, to everybody.",
        "%(num)d places went to the waiting list or, if nobody waits, to everybody.",
        freed,
    )
    return words
