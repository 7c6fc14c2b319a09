"""A calendar of all that somebody speaks at, mailed to the address that they are invited by."""

from flask import Response, url_for

from engage.calendars.enums import FeedPurpose
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import see_other
from engage.edge.forms import PublicForm
from engage.flows.feed_links import mail_feed_link
from engage.kernel import clock
from engage.kernel.submission_keys import use_once
from engage.kernel.unit_of_work import unit_of_work
from engage.speakers.queries import get_speaker
from engage.web.speaker.blueprint import bp
from engage.web.speaker.speaker_views import open_appearance


@bp.post("/speaker/<token>/calendar")
@access("speaker link")
def mail_calendar(token: str) -> Response:
    """Mail a speaker the calendar of all their talks; whoever was forwarded this page does not see it."""
    form = PublicForm()
    appearance, _ = open_appearance(token)
    address = get_speaker(appearance.speaker_id).email
    limits.check("manage")
    if address is not None:
        site, at = context.site(), clock.now()
        with unit_of_work():
            if use_once(form.key, at=at) is None:
                mail_feed_link(
                    FeedPurpose.TALKS,
                    address=address,
                    locale=site.languages[0],
                    occasion=form.key[:32],
                    site=site,
                    at=at,
                )
    return see_other(url_for("speaker.show_invitation", token=token, done="calendar") + "#join")
