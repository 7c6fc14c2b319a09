"""The mail desk: what was written to whom, what became of it, and sending again what failed."""

from urllib.parse import urlencode

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from engage.audit.services import record
from engage.bookings.outbox import LISTED, MailFilter, Standing, failed_mails, mails_page
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.next_path import local_path
from engage.edge.sign_in import actor_id, check_token
from engage.events.models import Event
from engage.events.queries import every_event, get_event
from engage.kernel import clock
from engage.kernel.errors import ConflictError
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.again import put_back, send_again
from engage.mail.enums import MessageKind
from engage.mail.errors import MailNotFoundError
from engage.mail.queries import find_message
from engage.web.organiser.blueprint import bp
from engage.web.organiser.message_forms import AddressSearchForm
from engage.web.paging import page_number

LARGEST_ID = 2**63 - 1


@bp.route("/organise/messages/", methods=["GET", "POST"])
@access("organiser")
def messages() -> Response:
    """List the mails of all events or of one, in a state, of a kind.

    An address that is looked for comes by POST and stands in no address of ours (P21).
    """
    form = AddressSearchForm()
    good = request.method == "GET" or form.validate()
    search = (form.address.data or "") if good else ""
    event = _asked_event()
    wanted = MailFilter(
        event_id=event.id if event else None,
        standing=_asked(Standing, "state"),
        kind=_asked_kind(),
        address=search,
    )
    shown = {
        "event": event.slug if event else "",
        "state": wanted.standing.value if wanted.standing else "",
        "kind": wanted.kind.value if wanted.kind else "",
    }
    return show(
        "organiser/messages/list.html",
        form=form,
        event=event,
        events=every_event(),
        kinds=LISTED,
        wanted=wanted,
        search=search,
        here_with=lambda **more: _here({**shown, **more}),
        page=mails_page(wanted, page=1 if search else page_number(), at=clock.now()),
        zone=event.timezone if event else context.site().default_timezone,
        status=200 if good else 422,
    )


@bp.post("/organise/messages/<int:message_id>/again")
@access("organiser")
def send_mail_again(message_id: int) -> Response:
    """Put a mail that failed back into the queue."""
    check_token()
    back = local_path(request.form.get("next")) or url_for("organiser.messages")
    message = find_message(message_id) if message_id <= LARGEST_ID else None
    if message is None or message.kind not in LISTED:
        raise MailNotFoundError
    try:
        with unit_of_work():
            message = send_again(message_id, at=clock.now())
            about = f"{message.about_type}:{message.about_id}"
            after = {"kind": message.kind.value}
            record("organiser:message:send-again", about, at=clock.now(), actor=actor_id(), after=after)
    except ConflictError as error:
        flash(error.text(context.locale()))
        return see_other(back)
    flash(_("The mail is in the queue again."))
    return see_other(back)


@bp.post("/organise/events/<slug>/messages/again")
@access("organiser")
def send_failed_again(slug: str) -> Response:
    """Put all mails about an event that failed back into the queue, but for those that would be wrong by now."""
    check_token()
    event_id = get_event(slug).id
    with unit_of_work():
        failed = failed_mails(event_id)
        put = put_back(failed, at=clock.now())
        if put:
            after = {"mails": put}
            record("organiser:event:send-again", f"event:{event_id}", at=clock.now(), actor=actor_id(), after=after)
    left = len(failed) - put
    if put:
        flash(ngettext("One mail is in the queue again.", "%(num)d mails are in the queue again.", put))
    if left:
        flash(
            ngettext(
                "One was left: its address does not take mail, or a later mail says how things are now.",
                "%(num)d were left: their addresses do not take mail, or later mails say how things are now.",
                left,
            )
        )
    if not failed:
        flash(_("No mail of this event has failed."))
    return see_other(url_for("organiser.messages", event=slug))


def _asked_event() -> Event | None:
    slug = request.args.get("event", "")
    return get_event(slug) if slug else None


def _asked(kinds: type[Standing], name: str) -> Standing | None:
    asked = request.args.get(name, "")
    return kinds(asked) if asked in set(kinds) else None


def _asked_kind() -> MessageKind | None:
    asked = request.args.get("kind", "")
    return MessageKind(asked) if asked in set(LISTED) else None


def _here(values: dict[str, object]) -> str:
    """Return the address of this list with some filters; empty ones are left out."""
    given = urlencode({name: value for name, value in values.items() if value})
    return url_for("organiser.messages") + (f"?{given}" if given else "")
