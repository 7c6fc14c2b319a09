"""One of those who speak, as organisers see them: who they are, what they said; taken out, or erased."""

import uuid

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from engage.accounts.queries import names_of
from engage.audit.queries import entries_about
from engage.bookings.outbox import mails_of_speaker
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.appearances import SpeakerSlot, get_slot
from engage.events.describing import what_happened
from engage.events.enums import AppearanceStatus, EventStatus
from engage.events.models import Event
from engage.events.queries import get_event
from engage.flows.line_up import change_in_line_up, take_out, told_of_taking_out
from engage.flows.speaker_privacy import erase_speaker_address, may_be_erased
from engage.flows.speaking import ABOUT
from engage.kernel import clock
from engage.kernel.errors import EngageError, NotFoundError
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.faults import faults_of
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_forms import SpeakerForm
from engage.web.organiser.event_views import event_path


@bp.route("/organise/events/<slug>/speakers/<uuid:appearance_id>", methods=["GET", "POST"])
@access("organiser")
def speaker(slug: str, appearance_id: uuid.UUID) -> Response:
    """Show somebody in the line-up, the mails to them and all that happened; change who they are."""
    event = get_event(slug)
    event_id, slot, form = event.id, get_slot(event.id, appearance_id), SpeakerForm()
    if request.method == "GET":
        form.fill_from(slot)
        return _page(form, event, appearance_id)
    if not form.validate():
        return _page(form, event, appearance_id, status=422)
    details = form.details()
    try:
        with unit_of_work():
            changed = change_in_line_up(
                event_id, appearance_id, details, site=context.site(), at=clock.now(), actor=actor_id()
            )
    except EngageError as error:
        form.refuse(error)
        return _page(form, get_event(slug), appearance_id, status=status_of(error))
    flash(_("Your change is saved.") if changed else _("Nothing was different, so nothing changed."))
    return see_other(event_path(slug, "speakers"))


@bp.route("/organise/events/<slug>/speakers/<uuid:appearance_id>/take-out", methods=["GET", "POST"])
@access("organiser")
def take_speaker_out(slug: str, appearance_id: uuid.UUID) -> Response:
    """Say first who is told; then take somebody out of the line-up."""
    event = get_event(slug)
    event_id, slot, problem, status = event.id, get_slot(event.id, appearance_id), "", 200
    if request.method == "GET" and (
        slot.appearance.status is AppearanceStatus.WITHDRAWN or event.status is EventStatus.CANCELLED
    ):
        flash(_("There is nothing to take out: they are out already, or the event was cancelled."))
        return see_other(event_path(slug, "speakers"))
    if request.method == "POST":
        check_token()
        try:
            with unit_of_work():
                take_out(event_id, appearance_id, site=context.site(), at=clock.now(), actor=actor_id())
        except NotFoundError:
            raise
        except EngageError as error:
            problem, status = error.text(context.locale()), status_of(error)
            event = get_event(slug)
            slot = get_slot(event.id, appearance_id)
        else:
            flash(_("The line-up is one person shorter."))
            return see_other(event_path(slug, "speakers"))
    return show(
        "organiser/events/take_speaker_out.html",
        event=event,
        slot=slot,
        told=told_of_taking_out(event, appearance_id, at=clock.now()),
        problem=problem,
        status=status,
    )


@bp.route("/organise/events/<slug>/speakers/<uuid:appearance_id>/erase", methods=["GET", "POST"])
@access("organiser")
def erase_speaker(slug: str, appearance_id: uuid.UUID) -> Response:
    """Ask first; then erase somebody's address."""
    event = get_event(slug)
    slot = get_slot(event.id, appearance_id)
    problem = ""
    if request.method == "GET" and not _is_erasable(slot):
        return see_other(url_for("organiser.speaker", slug=slug, appearance_id=appearance_id))
    if request.method == "POST":
        check_token()
        try:
            with unit_of_work():
                erase_speaker_address(appearance_id, at=clock.now(), actor=actor_id())
        except EngageError as error:
            problem, status = error.text(context.locale()), status_of(error)
            event = get_event(slug)
            slot = get_slot(event.id, appearance_id)
        else:
            flash(_("The address is erased."))
            return see_other(url_for("organiser.speaker", slug=slug, appearance_id=appearance_id))
    return show(
        "organiser/events/erase_speaker.html",
        event=event,
        slot=slot,
        problem=problem,
        status=status if problem else 200,
    )


def _is_erasable(slot: SpeakerSlot) -> bool:
    return slot.speaker.email is not None and may_be_erased(slot.appearance.id, at=clock.now())


def _page(form: SpeakerForm, event: Event, appearance_id: uuid.UUID, *, status: int = 200) -> Response:
    slot = get_slot(event.id, appearance_id)
    entries = entries_about(f"{ABOUT}:{appearance_id}")
    address, at = slot.speaker.email, clock.now()
    return show(
        "organiser/events/speaker.html",
        form=form,
        event=event,
        slot=slot,
        is_out=slot.appearance.status is AppearanceStatus.WITHDRAWN,
        fault=faults_of([address]).get(address) if address else None,
        mails=mails_of_speaker(appearance_id, at=at),
        history=[(entry, what_happened(entry)) for entry in entries],
        names=names_of([entry.actor for entry in entries if entry.actor is not None]),
        erasable=_is_erasable(slot),
        status=status,
    )
