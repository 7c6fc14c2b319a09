"""Comments after an event: by its pass, by an account, or on a booking's page (rule 15)."""

import uuid
from contextlib import suppress
from dataclasses import replace

from flask import Response, request, url_for

from engage.bookings.errors import BookingNotFoundError
from engage.bookings.queries import MANAGE, get_booking_by_token
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other, show
from engage.edge.uploads import allow_large
from engage.events.models import Event
from engage.events.queries import (
    PASS,
    DiscussedQuestion,
    discussed_questions,
    event_pass,
    get_event_by_id,
    get_public_event,
)
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import every_wording
from engage.responses.counts import count_for_event
from engage.responses.enums import Attribution, IdentityBasis
from engage.responses.errors import (
    AnonymousByPassOnlyError,
    NothingToReplyToError,
    QuestionNotDiscussedError,
    ResponseNotFoundError,
)
from engage.responses.live_questions import public_questions
from engage.responses.queries import PublicResponse, comments_on_event, get_shown
from engage.responses.services import Naming, Sender, receive_comment
from engage.web.arrivals import arrival_of
from engage.web.paging import page_number
from engage.web.public.blueprint import bp
from engage.web.public.commenting_as import admits_bookings, commenter, own_votes, refusal, votes_by_booking
from engage.web.public.words_forms import CommentForm, comment_form, question_key
from engage.web.recordings import keep_recordings, let_record, stored_recordings
from engage.web.refusals import form_again


@bp.route("/events/<slug>/comments/", methods=["GET", "POST"])
@access("anyone")
def comment_on_event(slug: str) -> Response:
    """Show the comments on an event with the form for those who may add one, and take a comment in."""
    event = get_public_event(slug)
    questions = _open_questions(event)
    sender = commenter(event)
    if sender is not None:
        allow_large()
    form = comment_form(questions)
    form.keeps_recordings = sender is not None

    def page(status: int) -> Response:
        said = comments_on_event(event.id, page=page_number())
        now = clock.now()
        shows_form = form.is_submitted() or (sender is not None and event.takes_comments(now))
        answer = show(
            "public/responses/comments.html",
            status=status,
            event=event,
            form=form,
            replied_to=_replied_to(form, event),
            shows_form=shows_form,
            may_comment=sender is not None,
            is_member=sender is not None and sender.basis is IdentityBasis.MEMBER,
            counts=count_for_event(event.id, before=now.date()),
            said=said,
            questions=public_questions(event.id),
            mine=own_votes(event, said.items),
            event_pass=request.args.get(PASS, "") if sender is not None else "",
            now=now,
        )
        return let_record(answer) if shows_form else answer

    if PASS in request.args:
        keep_private()
    if request.method == "GET":
        form.begin(request.args.get("parent", ""))
        return page(200)
    if not form.validate():
        return page(422)
    if sender is None:
        form.refuse(refusal(event))
        return page(404 if PASS in request.args else 403)
    try:
        code = _receive(event, form, questions, sender)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_receipt", code=code))


@bp.route("/bookings/<token>/comment", methods=["GET", "POST"])
@access("booking link")
def comment_by_booking(token: str) -> Response:
    """Comment as somebody who booked: the booking fills in the name. An anonymous comment goes by the pass instead."""
    keep_private()
    allow_large()
    booking = get_booking_by_token(token, purpose=MANAGE, site=context.site())
    if not booking.is_live():
        raise BookingNotFoundError
    event = get_event_by_id(booking.event_id)
    questions = _open_questions(event)
    form = comment_form(questions)

    def page(status: int) -> Response:
        said = comments_on_event(event.id, page=page_number())
        now, may_comment = clock.now(), admits_bookings(event)
        shows_form = form.is_submitted() or (may_comment and event.takes_comments(now))
        answer = show(
            "public/responses/comment_by_booking.html",
            status=status,
            event=event,
            form=form,
            replied_to=_replied_to(form, event),
            shows_form=shows_form,
            may_comment=may_comment,
            said=said,
            mine=votes_by_booking(event, said.items, booking.email_normalised),
            token=token,
            now=now,
        )
        return let_record(answer) if shows_form else answer

    if request.method == "GET":
        form.begin(request.args.get("parent", ""))
        form.display_name.data = booking.name
        form.attribution.data = Attribution.NAMED.value
        return page(200)
    if form.attribution.data == Attribution.ANONYMOUS.value:
        return _pass_form(event, questions, form)
    if not form.validate():
        return page(422)
    if not admits_bookings(event):
        form.refuse(refusal(event))
        return page(403)
    sender = Sender(IdentityBasis.BOOKING, name=booking.name, email=booking.email_normalised)
    try:
        code = _receive(event, form, questions, sender)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.show_receipt", code=code))


def _pass_form(event: Event, questions: list[DiscussedQuestion], typed: CommentForm) -> Response:
    """Give the words back in a form that only the event's pass goes with (P2, P10). Nothing is stored."""
    left_out = {"submission_key", "display_name", "attribution", "media"}
    carried = {field.name: field.data for field in typed if field.name not in left_out}
    form = comment_form(questions, formdata=None, data=carried)
    form.attribution.data = Attribution.ANONYMOUS.value
    form.renew_key()
    form.refuse(AnonymousByPassOnlyError(), field="form")
    keep_recordings(form)
    answer = show(
        "public/responses/comment_by_pass.html",
        status=422,
        event=event,
        form=form,
        replied_to=_replied_to(form, event),
        action=url_for("public.comment_on_event", slug=event.slug) + f"?{PASS}={event_pass(event, context.site())}",
        now=clock.now(),
    )
    # This page's own address holds the booking's token: the next request is not to name it.
    answer.headers["Referrer-Policy"] = "strict-origin"
    return let_record(answer)


def _open_questions(event: Event) -> list[DiscussedQuestion]:
    return [question for question in discussed_questions(event.id) if question.is_public]


def _receive(event: Event, form: CommentForm, questions: list[DiscussedQuestion], sender: Sender) -> str:
    limits.check("comment")
    event_id, language, parent_id = event.id, context.locale(), form.parent_id()
    question_id = _question_id(form, questions) if parent_id is None else None
    with stored_recordings(form), unit_of_work():
        return receive_comment(
            event_id,
            question_id=question_id,
            parent_id=parent_id,
            body=form.body.data or "",
            sender=replace(sender, arrival=arrival_of(form)),
            naming=Naming(form.way, form.display_name.data),
            consents=form.consents,
            wordings=every_wording(language),
            key=form.key,
            language=language,
            site=context.site(),
            at=clock.now(),
            recording=form.recordings.get(form.media.name),
        )


def _replied_to(form: CommentForm, event: Event) -> PublicResponse | None:
    """Return what the form is a reply to; where nobody can read that any more, the form is for a comment again."""
    with suppress(ResponseNotFoundError, NothingToReplyToError):
        parent_id = form.parent_id()
        parent = None if parent_id is None else get_shown(parent_id)
        if parent is not None and parent.event is not None and parent.event.slug == event.slug:
            return parent
    form.parent.data = ""
    return None


def _question_id(form: CommentForm, questions: list[DiscussedQuestion]) -> uuid.UUID | None:
    chosen = form.question.data or ""
    if not chosen:
        return None
    for question in questions:
        if question_key(question) == chosen:
            return question.question_id
    raise QuestionNotDiscussedError
