"""Consultations and their questions: why we ask, and what was said."""

from flask import Response, request

from engage.consultations.queries import get_consultation, get_question, public_consultations
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import show
from engage.edge.revalidation import revalidated
from engage.events.queries import events_about
from engage.kernel import clock
from engage.responses.counts import (
    ANSWERS,
    COMMENTS,
    count_for_question,
    counts_by_consultation,
)
from engage.responses.queries import responses_to_question
from engage.web.consultation_pages import public_page
from engage.web.paging import page_number
from engage.web.public.blueprint import bp

KINDS = {"answers": ANSWERS, "comments": COMMENTS}


@bp.get("/consultations/")
@access("anyone")
@revalidated
def consultations() -> Response:
    """List what we ask and asked."""
    return show(
        "public/consultations/list.html",
        consultations=public_consultations(),
        counts=counts_by_consultation(before=clock.now().date()),
        now=clock.now(),
        zone=context.site().default_timezone,
    )


@bp.get("/consultations/<slug>/")
@access("anyone")
@revalidated
def show_consultation(slug: str) -> Response:
    """Show why we ask, the context, the questions with counts (`theme`: those about one), and the events about them."""
    return public_page(get_consultation(slug), theme=request.args.get("theme", ""))


@bp.get("/consultations/<slug>/questions/<int:number>/")
@access("anyone")
@revalidated
def show_question(slug: str, number: int) -> Response:
    """Show a question with what was said about it, answers and comments together or apart."""
    question = get_question(slug, number)
    chosen = request.args.get("show", "all")
    chosen = chosen if chosen in KINDS else "all"
    return show(
        "public/consultations/question.html",
        question=question,
        consultation=question.consultation,
        chosen=chosen,
        counts=count_for_question(question.id, before=clock.now().date()),
        said=responses_to_question(question.id, kinds=KINDS.get(chosen), page=page_number()),
        events=events_about(question.id),
        neighbours=[q for q in question.consultation.questions if abs(q.number - question.number) == 1],
        now=clock.now(),
        zone=context.site().default_timezone,
    )
