"""Responses as a file, from the page of a consultation or of an event. Who took what is noted (S37)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response, request
from flask_login import current_user

from engage.accounts.enums import RoleName
from engage.consultations.queries import get_any_consultation
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import show
from engage.edge.sign_in import actor_id
from engage.edge.streaming import on_own_ground
from engage.events.queries import discussed_questions, get_event
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.exporting import profiles
from engage.responses.exporting.files import ExportFile, note_export
from engage.responses.exporting.formats import TYPES, FileFormat
from engage.web.organiser.blueprint import bp
from engage.web.organiser.export_forms import ExportForm
from engage.web.organiser.queue_views import language_names
from engage.web.refusals import form_again


@dataclass(frozen=True)
class _About:
    """What a file is about: a consultation or an event, by one of the two ids."""

    kind: str
    slug: str
    title: str
    timezone: str
    questions: list[tuple[uuid.UUID, str]]
    consultation_id: uuid.UUID | None = None
    event_id: uuid.UUID | None = None


@bp.route("/organise/consultations/<slug>/export", methods=["GET", "POST"])
@access("organiser")
def export_consultation(slug: str) -> Response:
    """Take away what was said about a consultation: the answers, and the comments on its questions after events."""
    consultation = get_any_consultation(slug)
    questions = _offered((question.id, question.number, question.text) for question in consultation.questions)
    zone = context.site().default_timezone
    return _export(_About("consultation", slug, consultation.title, zone, questions, consultation_id=consultation.id))


@bp.route("/organise/events/<slug>/export", methods=["GET", "POST"])
@access("organiser")
def export_event(slug: str) -> Response:
    """Take away what was said about an event: comments, replies, and questions to the speakers."""
    event = get_event(slug)
    questions = _offered((each.question_id, each.number, each.text) for each in discussed_questions(event.id))
    return _export(_About("event", slug, event.title, event.timezone, questions, event_id=event.id))


def _offered(questions: Iterable[tuple[uuid.UUID, int, str]]) -> list[tuple[uuid.UUID, str]]:
    return [(id_, f"{number}. {text if len(text) <= 80 else text[:79] + '…'}") for id_, number, text in questions]


def _export(about: _About) -> Response:
    form = ExportForm()
    is_administrator = RoleName.ADMINISTRATOR in current_user.role_names()
    form.offer(about.questions, languages=language_names(), may_see_identities=is_administrator)

    def page(status: int) -> Response:
        return show("organiser/responses/export.html", form=form, about=about, holds=profiles.HOLDS, status=status)

    if request.method == "GET":
        form.suggest()
        return page(200)
    if not form.validate():
        return page(422)
    file = ExportFile(
        scope=form.scope(consultation_id=about.consultation_id, event_id=about.event_id),
        file_format=FileFormat(form.format.data),
        kind=about.kind,
        slug=about.slug,
        title=about.title,
        timezone=about.timezone,
        site=context.site(),
        at=clock.now(),
    )
    try:
        rows = file.rows
        with unit_of_work():
            note_export(file, rows=rows, source="organiser", actor=actor_id())
    except EngageError as error:
        return form_again(error, form, page)
    answer = Response(on_own_ground(file.pieces), content_type=TYPES[file.file_format])
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer
