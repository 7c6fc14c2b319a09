"""Booking a place, and the private pages of a booking."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from flask import Response, request, url_for

from engage.bookings.certificates import certificate_of
from engage.bookings.changes import may_be_erased
from engage.bookings.enums import BookingOutcome, BookingStatus
from engage.bookings.errors import HasPlaceError, OfferOverError, OwnAnswersError, TooLateToCancelError
from engage.bookings.guest_queries import guests_of
from engage.bookings.mails import Recipient
from engage.bookings.models import Booking
from engage.bookings.queries import (
    MANAGE,
    answers_in_order,
    find_need,
    get_booking_by_token,
    join_token,
    people_ahead,
    questions_asked_on,
)
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.bookings.waiting import accept_offer, leave_list
from engage.calendars.queries import find_invite
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.edge.page_store import shown_until, stored
from engage.edge.revalidation import revalidated
from engage.edge.sign_in import current_person
from engage.events.enums import Phase
from engage.events.errors import BookingClosedError, EventFullError, GroupNotFoundError
from engage.events.models import Event
from engage.events.queries import (
    discussed_questions,
    find_group_by_token,
    get_event_by_id,
    get_group_by_token,
    get_public_event,
    get_public_event_id,
)
from engage.flows.calendar_feeds import links_to_add
from engage.flows.composing import invite_file
from engage.flows.page_versions import EVENT
from engage.kernel import clock
from engage.kernel.errors import EngageError, NotFoundError
from engage.kernel.submission_keys import set_result, use_once
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.services.asking import takes_questions
from engage.web.public.blueprint import bp
from engage.web.public.booking_forms import BookingForm, DetailsForm
from engage.web.public.own_question_fields import asking, was_asked
from engage.web.public.question_along import ask_along
from engage.web.refusals import form_again

PLACE = BookingOutcome.PLACE.value


@bp.route("/events/<slug>/book", methods=["GET", "POST"])
@access("anyone")
@stored(EVENT)
def book(slug: str) -> Response:
    """Show the form for a place, and book one. The answer is the same for known and new addresses (rule 16)."""
    questions = questions_asked_on(slug) if request.method == "GET" or was_asked() else ()
    form = asking(BookingForm, questions)()

    def page(status: int) -> Response:
        event, now = get_public_event(slug), clock.now()
        shown_until(event.next_moment(now))
        group = find_group_by_token(form.group.data or "", event_id=event.id, site=context.site())
        answer = show(
            "public/bookings/book.html",
            status=status,
            event=event,
            form=form,
            group=group,
            takes_questions=takes_questions(event, now) or bool(form.question.data),
            now=now,
        )
        return keep_address_private(answer) if group else answer

    if request.method == "GET":
        form.group.data = request.args.get("group", "")
        if form.group.data:
            keep_private()
            get_group_by_token(form.group.data, event_id=get_public_event_id(slug), site=context.site())
        form.fill_from(current_person())
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        wanted = form.wanted(context.locale(), is_member=current_person() is not None)
        limits.check("book", account=wanted.email, also=wanted.guest_addresses())
        try:
            result = _book(slug, form, wanted)
        except EventFullError:  # the last place may have gone while this was written: then the list decides
            result = _book(slug, form, wanted, last_place_gone=True)
    except GroupNotFoundError as error:  # replaced while this was written: nothing typed is lost (R35)
        form.group.data = ""
        form.refuse(error)
        return page(404)
    except OwnAnswersError as error:  # what is asked changed while this was written: asked again, beside each field
        form = asking(BookingForm, questions_asked_on(slug))()
        if form.validate():
            form.refuse(error)
        return page(422)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.booked", slug=slug, result=result))


def _book(slug: str, form: BookingForm, wanted: PlaceRequest, *, last_place_gone: bool = False) -> str:
    """Book once for each form: sent again, it says again what was decided (R6, R8)."""
    site, at, key = context.site(), clock.now(), form.key
    with unit_of_work():
        event_id = get_public_event_id(slug)
        used = use_once(key, at=at, result=PLACE)
        if used is not None:
            return used.result or PLACE
        if form.group.data:
            group = get_group_by_token(form.group.data, event_id=event_id, site=site)
            wanted = replace(wanted, group_id=group.id)
        outcome = book_place(event_id, wanted, site=site, at=at, last_place_gone=last_place_gone).value
        if outcome != PLACE:
            set_result(key, outcome)
        if form.question.data:
            ask_along(event_id, form, wanted, key=key)
        return outcome


@bp.get("/events/<slug>/booked")
@access("anyone")
@stored(EVENT)
@revalidated
def booked(slug: str) -> Response:
    """Say that it is done and what happens next; it names nobody (rule 16)."""
    event, now = get_public_event(slug), clock.now()
    shown_until(event.next_moment(now))
    result = request.args.get("result")
    if result not in set(BookingOutcome):
        return see_other(url_for("public.show_event", slug=slug))
    questions = [question for question in discussed_questions(event.id) if question.is_public]
    page = "booked" if result == PLACE else "waiting"
    return show(f"public/bookings/{page}.html", event=event, questions=questions, now=now)


@bp.get("/bookings/<token>/")
@access("booking link")
def show_booking(token: str) -> Response:
    """Show somebody's own booking."""
    booking, event = open_booking(token)
    return booking_page(token, booking, event)


@bp.route("/bookings/<token>/cancel", methods=["GET", "POST"])
@access("booking link")
def give_back(token: str) -> Response:
    """Ask, then give the place back; a second time changes nothing."""
    booking, event = open_booking(token)
    if not booking.is_live():
        return booking_page(token, booking, event)
    if event.phase(clock.now()) is Phase.OVER:
        return booking_page(token, booking, event, refusal=TooLateToCancelError(), status=409)
    if request.method == "GET":
        form = PublicForm.button()
        return keep_address_private(
            show("public/bookings/cancel.html", booking=booking, event=event, form=form, token=token)
        )
    return _change(token, partial(cancel_booking, booking.id), TooLateToCancelError)


@bp.route("/waiting/<token>/accept", methods=["GET", "POST"])
@access("booking link")
def take_offer(token: str) -> Response:
    """Ask, then take the place that is kept for somebody; a second time changes nothing."""
    booking, event = open_booking(token)
    if booking.status is not BookingStatus.OFFERED and not (request.method == "POST" and booking.is_in_line()):
        return booking_page(token, booking, event)
    if request.method == "GET":
        form = PublicForm.button()
        return keep_address_private(
            show("public/bookings/accept.html", event=event, booking=booking, form=form, token=token)
        )
    return _change(token, partial(accept_offer, booking.id), OfferOverError, BookingClosedError)


@bp.route("/waiting/<token>/leave", methods=["GET", "POST"])
@access("booking link")
def leave(token: str) -> Response:
    """Ask, then leave the waiting list or decline an offer; a second time changes nothing."""
    booking, event = open_booking(token)
    if not booking.is_in_line() and not (request.method == "POST" and booking.is_live()):
        return booking_page(token, booking, event)
    if request.method == "GET":
        form = PublicForm.button()
        return keep_address_private(
            show("public/bookings/leave.html", event=event, booking=booking, form=form, token=token)
        )
    return _change(token, partial(leave_list, booking.id), HasPlaceError)


def _change(token: str, change: Callable[..., object], *refusals: type[EngageError]) -> Response:
    """Change a booking once and show it; one of these refusals is shown on the booking's own page."""
    try:
        limits.check("manage")
        with unit_of_work():
            change(site=context.site(), at=clock.now())
    except refusals as error:
        booking, event = open_booking(token)
        return booking_page(token, booking, event, refusal=error, status=409)
    return see_other(url_for("public.show_booking", token=token))


@bp.get("/bookings/<token>/invite.ics")
@access("booking link")
def booking_file(token: str) -> Response:
    """Give the calendar entry of the invitation, for whom the mail did not reach."""
    booking, event = open_booking(token)
    invite = find_invite(booking.id)
    if invite is None:
        raise NotFoundError
    data = invite_file(invite, Recipient.of(booking), event, site=context.site())
    answer = keep_address_private(Response(data, content_type="text/calendar; charset=utf-8"))
    answer.headers["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return answer


def open_booking(token: str) -> tuple[Booking, Event]:
    """Return the booking that a private link opens, and its event; the answer is stored nowhere."""
    keep_private()
    booking = get_booking_by_token(token, purpose=MANAGE, site=context.site())
    return booking, get_event_by_id(booking.event_id)


def booking_page(
    token: str,
    booking: Booking,
    event: Event,
    *,
    refusal: EngageError | None = None,
    status: int = 200,
    form: DetailsForm | None = None,
) -> Response:
    """Show somebody's own booking; `form` is a change of its details that was refused."""
    site, now = context.site(), clock.now()
    if form is None:
        form = DetailsForm(formdata=None, data={"name": booking.name, "organisation": booking.organisation})
        form.renew_key()
    page = show(
        "public/bookings/booking.html",
        status=status,
        booking=booking,
        event=event,
        token=token,
        join_address=url_for("public.join", token=join_token(booking, site)),
        add_links=links_to_add(event, site=site),
        left_list=booking.waiting_since is not None and find_invite(booking.id) is None,
        ahead=people_ahead(booking) if booking.status is BookingStatus.WAITING else 0,
        refusal=refusal.text(context.locale()) if refusal else "",
        form=form,
        changed=request.args.get("done") == "changed",
        need=find_need(booking.id),
        own_answers=answers_in_order(booking),
        guests=guests_of(booking.id) if booking.places > 1 else (),
        calendar_mailed=request.args.get("done") == "calendar",
        party_changed=request.args.get("done") == "party",
        needs_saved=request.args.get("done") == "access",
        certificate=certificate_of(booking, booking, event, at=now),
        may_be_erased=may_be_erased(booking, event, at=now),
        now=now,
    )
    return keep_address_private(page)
