"""The public page of a consultation, as anybody sees it and as organisers do before anybody can."""

from flask import Response

from engage.consultations.interdependencies import draw
from engage.consultations.models import Consultation
from engage.consultations.queries import links_between, themes_of
from engage.edge import context
from engage.edge.answers import show
from engage.events.queries import discussed_at, events_about_any
from engage.kernel import clock
from engage.responses.counts import count_for_consultation, counts_by_question


def public_page(consultation: Consultation, *, theme: str = "", is_preview: bool = False) -> Response:
    """Return why we ask, the context, the questions with counts, and the events about them.

    `theme` is the id of what the questions shown are about; one that is not listed shows them all.
    """
    now = clock.now()
    events = events_about_any([question.id for question in consultation.questions])
    events.sort(key=lambda event: event.ends_at <= now)  # what is to come stands first
    themes = themes_of(consultation)
    links = links_between(themes)
    chosen = next((each for each in themes if str(each.id) == theme), None)
    return show(
        "public/consultations/consultation.html",
        consultation=consultation,
        questions=[each for each in consultation.questions if chosen is None or chosen in each.themes],
        chosen=chosen,
        counts=count_for_consultation(consultation.id, before=now.date()),
        by_question=counts_by_question(consultation.id, before=now.date()),
        events=events,
        discussed=discussed_at([event.id for event in events]),
        themes={each.id: each for each in themes},
        links=links,
        drawing=draw(themes, links),
        is_preview=is_preview,
        now=now,
        zone=context.site().default_timezone,
    )
