"""A speaker's own page: what they are invited to, their answer, and the entry for their calendar."""

from flask import Response, request, url_for

from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, keep_private, see_other, show
from engage.events.appearances import get_appearance_by_token
from engage.events.enums import ANSWERS, AppearanceRole, AppearanceStatus
from engage.events.errors import EventCancelledError, EventOverError, NotInLineUpError
from engage.events.models import Appearance, Event
from engage.events.queries import discussed_questions, get_event_by_id, line_up
from engage.flows.calendar_feeds import links_to_add
from engage.flows.composing import invite_file
from engage.flows.speaking import answer_to_speak, find_last_invite, recipient_of, refuse_answer, ways_in_open_at
from engage.kernel import clock
from engage.kernel.errors import EngageError, NotFoundError
from engage.kernel.submission_keys import use_once
from engage.kernel.unit_of_work import unit_of_work
from engage.speakers.queries import get_speaker
from engage.web.speaker.answer_form import AnswerForm
from engage.web.speaker.blueprint import bp


@bp.get("/speaker/<token>/")
@access("speaker link")
def show_invitation(token: str) -> Response:
    """Show somebody what they are invited to, and what they answered."""
    appearance, _ = open_appearance(token)
    form = AnswerForm(formdata=None)
    form.renew_key()
    if appearance.status in ANSWERS:
        form.answer.data, form.message.data = appearance.status.value, appearance.message
    return _page(token, form)


@bp.post("/speaker/<token>/answer")
@access("speaker link")
def answer(token: str) -> Response:
    """Note what somebody answers; the same form sent again is the same answer."""
    appearance, event = open_appearance(token)
    appearance_id, form, at = appearance.id, AnswerForm(), clock.now()
    try:
        refuse_answer(appearance, event, at=at)
        if not form.validate():
            return _page(token, form, status=422)
        limits.check("manage")
        status, message = form.status(), form.message.data or ""
        with unit_of_work():
            if use_once(form.key, at=at) is None:
                answer_to_speak(appearance_id, status, message=message, site=context.site(), at=at, by="page")
    except (NotInLineUpError, EventCancelledError, EventOverError) as error:
        form.renew_key()
        return _page(token, form, refusal=error, status=409)
    return see_other(url_for("speaker.show_invitation", token=token, done="answered") + "#your-answer")


@bp.get("/speaker/<token>/invite.ics")
@access("speaker link")
def invitation_file(token: str) -> Response:
    """Give the calendar entry as it is now, for whom the mail did not reach: the same UID."""
    appearance, event = open_appearance(token)
    invite = find_last_invite(appearance.id)
    if invite is None:
        raise NotFoundError
    data = invite_file(invite, recipient_of(appearance), event, site=context.site())
    file = keep_address_private(Response(data, content_type="text/calendar; charset=utf-8"))
    file.headers["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return file


def open_appearance(token: str) -> tuple[Appearance, Event]:
    """Return whom a private link opens, with the event; the answer is stored nowhere."""
    keep_private()
    appearance = get_appearance_by_token(token, site=context.site())
    return appearance, get_event_by_id(appearance.event_id)


def _page(token: str, form: AnswerForm, *, refusal: EngageError | None = None, status: int = 200) -> Response:
    appearance, event = open_appearance(token)
    site, now, chairs = context.site(), clock.now(), appearance.role is AppearanceRole.CHAIR
    if chairs:
        form.ask_to_chair()
    page = show(
        "speaker/invitation.html",
        status=status,
        token=token,
        form=form,
        event=event,
        appearance=appearance,
        speaker=get_speaker(appearance.speaker_id),
        chairs=chairs,
        is_out=appearance.status is AppearanceStatus.WITHDRAWN,
        others=[entry for entry in line_up(event.id) if entry.appearance_id != appearance.id],
        questions=[question for question in discussed_questions(event.id) if question.is_public],
        add_links=links_to_add(event, site=site),
        doors=ways_in_open_at(event),
        answered=request.args.get("done") == "answered" and appearance.status in ANSWERS,
        calendar_mailed=request.args.get("done") == "calendar",
        contact=site.contact_email,
        refusal=refusal.text(context.locale()) if refusal else "",
        now=now,
    )
    return keep_address_private(page)
