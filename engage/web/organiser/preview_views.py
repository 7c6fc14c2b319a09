"""Mails of an event looked at before they go: as text, as HTML in a frame that may do nothing, and their entry."""

from flask import Response, make_response

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import show
from engage.events.queries import get_event
from engage.flows.previews import BOOKING_MAILS, PLANNED_MAILS, PREVIEWED, Preview, preview_mail
from engage.kernel import clock
from engage.mail.enums import MessageKind
from engage.mail.errors import MailNotFoundError
from engage.web.organiser.blueprint import bp

# A mail brings its own style, and may do nothing else: no script, no form, nothing loaded, framed by us alone.
FRAME_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    )
)


@bp.get("/organise/events/<slug>/mails/<kind>")
@access("organiser")
def look_at_mail(slug: str, kind: str) -> Response:
    """Show a mail about an event for somebody who is made up."""
    return show(
        "organiser/messages/preview.html",
        event=get_event(slug),
        preview=_preview(slug, kind),
        booking_mails=BOOKING_MAILS,
        planned_mails=PLANNED_MAILS,
    )


@bp.get("/organise/events/<slug>/mails/<kind>/html")
@access("organiser")
def look_at_mail_as_html(slug: str, kind: str) -> Response:
    """Give the HTML of the same mail, for the frame on its page."""
    answer = make_response(_preview(slug, kind).mail.html)
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    return answer


def _preview(slug: str, kind: str) -> Preview:
    event = get_event(slug)
    if kind not in {each.value for each in PREVIEWED}:
        raise MailNotFoundError
    return preview_mail(MessageKind(kind), event, site=context.site(), at=clock.now())
