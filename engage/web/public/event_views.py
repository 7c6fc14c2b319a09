"""The programme, and an event's own page."""

from flask import Response

from engage.calendars.objects.links import subscribe_links
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import show
from engage.edge.page_store import shown_until, stored
from engage.edge.revalidation import revalidated
from engage.events.queries import (
    discussed_at,
    discussed_questions,
    get_public_event,
    line_up,
    line_ups,
    past_events,
    provided_at,
    upcoming_events,
)
from engage.flows.calendar_feeds import links_to_add
from engage.flows.page_versions import EVENT
from engage.kernel import clock
from engage.kernel.links import feed_url
from engage.responses.counts import counts_for_event_page
from engage.responses.live_questions import most_wanted
from engage.web.public.blueprint import bp

FEW_QUESTIONS = 5


@bp.get("/events/")
@access("anyone")
@revalidated
def programme() -> Response:
    """List what comes, by month, and what is over."""
    site, now = context.site(), clock.now()
    upcoming, past = upcoming_events(now), past_events(now)
    ids = [event.id for event in (*upcoming, *past)]
    return show(
        "public/events/programme.html",
        upcoming=upcoming,
        past=past,
        line_ups=line_ups(ids),
        discussed=discussed_at(ids),
        feed_address=feed_url(site.base_url),
        subscribe_links=subscribe_links(feed_url(site.base_url), site.organisation_name),
        now=now,
    )


@bp.get("/events/<slug>/")
@access("anyone")
@stored(EVENT)
@revalidated
def show_event(slug: str) -> Response:
    """Show an event whatever became of it: to come, on now, over, or cancelled. Five queries, and two for questions."""
    now = clock.now()
    event = get_public_event(slug)
    shown_until(event.next_moment(now))
    questions = [question for question in discussed_questions(event.id) if question.is_public]
    ids = [question.question_id for question in questions]
    by_question, counts = counts_for_event_page(event.id, ids, before=now.date())
    return show(
        "public/events/event.html",
        event=event,
        add_links=links_to_add(event, site=context.site()),
        people=line_up(event.id),
        provided=provided_at(event.id),
        questions=questions,
        by_question=by_question,
        counts=counts,
        asked=most_wanted(event, limit=FEW_QUESTIONS) if counts.live_questions else [],
        now=now,
    )
