"""Consultations on the desk: their state, and where their context does not add up."""

from flask import Response

from engage.consultations.queries import all_consultations, get_any_consultation
from engage.edge.access import access
from engage.edge.answers import show
from engage.kernel import clock
from engage.responses.counts import count_for_consultation, counts_by_consultation, counts_by_question
from engage.web.organiser.blueprint import bp


@bp.get("/organise/consultations/")
@access("organiser")
def consultations() -> Response:
    """List every consultation, drafts too."""
    return show(
        "organiser/consultations/list.html",
        consultations=all_consultations(),
        counts=counts_by_consultation(),
        now=clock.now(),
    )


@bp.get("/organise/consultations/<slug>/")
@access("organiser")
def show_consultation(slug: str) -> Response:
    """Show one consultation: its questions with counts, and stated against listed numbers (rule 11)."""
    consultation = get_any_consultation(slug)
    return show(
        "organiser/consultations/consultation.html",
        consultation=consultation,
        counts=count_for_consultation(consultation.id),
        by_question=counts_by_question(consultation.id),
        now=clock.now(),
    )
