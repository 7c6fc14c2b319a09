"""Letters to a part of an event's people: written, looked at, tried on oneself, sent, and what became of them."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from engage.accounts.queries import names_of
from engage.bookings.enums import Segment
from engage.bookings.letter_words import check_words, known_placeholders
from engage.bookings.letters import letters_of, send_letter, send_test
from engage.bookings.segments import audience, example_reader
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, current_person
from engage.events.models import Event
from engage.events.queries import get_event
from engage.flows.contexts.letters import listed_subject
from engage.flows.previews import preview_letter
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.organiser.blueprint import bp
from engage.web.organiser.letter_forms import SEGMENTS, LetterForm
from engage.web.refusals import form_again


@bp.get("/organise/events/<slug>/letters/")
@access("organiser")
def letters(slug: str) -> Response:
    """List the letters of an event, the newest first."""
    event = get_event(slug)
    sent = letters_of(event.id)
    subjects = {each.letter.id: listed_subject(each.letter, event, context.locale()) for each in sent}
    authors = names_of({each.letter.author_id for each in sent if each.letter.author_id is not None})
    return show(
        "organiser/letters/list.html",
        event=event,
        letters=sent,
        subjects=subjects,
        authors=authors,
        segments=SEGMENTS,
    )


@bp.route("/organise/events/<slug>/letters/new", methods=["GET", "POST"])
@access("organiser")
def write_letter(slug: str) -> Response:
    """Write a letter; look at it, or send it to oneself. Nobody else gets anything by this."""
    get_event(slug)
    form = LetterForm()

    def page(status: int) -> Response:
        return _form_page(form, get_event(slug), status=status)

    if request.method == "GET" or request.form.get("act") == "edit":
        return page(200)
    if not form.validate():
        return page(422)
    try:
        subject, body = check_words(form.subject.data, form.body.data, form.chosen())
        if request.form.get("act") == "test":
            return _test_page(form, slug, subject=subject, body=body)
        return _look_page(form, get_event(slug), subject=subject, body=body)
    except EngageError as error:
        return form_again(error, form, page)


@bp.post("/organise/events/<slug>/letters/send")
@access("organiser")
def send_letter_to_all(slug: str) -> Response:
    """Promise a letter to everybody of a segment; the same letter a second time goes to nobody twice."""
    event_id = get_event(slug).id
    form = LetterForm()

    def page(status: int) -> Response:
        return _form_page(form, get_event(slug), status=status)

    if not form.validate():
        return page(422)
    try:
        with unit_of_work():
            _letter, is_new = send_letter(
                event_id,
                form.chosen(),
                subject=form.subject.data,
                body=form.body.data,
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        return form_again(error, form, page)
    if is_new:
        flash(_("The letter is on its way. Below is how far it has come."))
    else:
        flash(_("This very letter was sent before, so it goes only to those who have not had it yet."))
    return see_other(url_for("organiser.letters", slug=slug))


def _test_page(form: LetterForm, slug: str, *, subject: str, body: str) -> Response:
    """Send the letter to its author, and go on writing."""
    event_id, segment, person = get_event(slug).id, form.chosen(), current_person()
    if person is None:
        raise RuntimeError("somebody who is not signed in was let in")
    with unit_of_work():
        send_test(
            event_id,
            segment,
            subject=subject,
            body=body,
            name=person.name,
            address=person.email,
            site=context.site(),
            at=clock.now(),
            actor=person.id,
        )
    return _form_page(form, get_event(slug), tried_on=person.email)


def _look_page(form: LetterForm, event: Event, *, subject: str, body: str) -> Response:
    segment, site = form.chosen(), context.site()
    reader = example_reader(event.id, segment)
    name = reader.name if reader is not None else _("Robin Example")
    mail = preview_letter(event, segment, subject=subject, body=body, name=name, site=site, at=clock.now())
    return show(
        "organiser/letters/look.html",
        event=event,
        form=form,
        mail=mail,
        reader=reader,
        audience=audience(event.id, segment),
        segment_words=SEGMENTS[segment],
    )


def _form_page(form: LetterForm, event: Event, *, status: int = 200, **more: Any) -> Response:
    return show(
        "organiser/letters/write.html",
        event=event,
        form=form,
        audiences={segment.value: audience(event.id, segment) for segment in Segment},
        placeholders={segment.value: known_placeholders(segment) for segment in Segment},
        status=status,
        **{"tried_on": "", **more},
    )
