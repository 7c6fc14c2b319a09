"""What came in: answers from calendars, mails that came back, what people wrote; nothing of it is obeyed here."""

import uuid

from flask import Response, request

from engage.bookings.received import get_received, received_page
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import show
from engage.mail.enums import InboundKind
from engage.web.organiser.blueprint import bp
from engage.web.paging import page_number


@bp.get("/organise/messages/received")
@access("organiser")
def received() -> Response:
    """List what came in, the newest first, of all kinds or of one."""
    site, asked = context.site(), request.args.get("kind", "")
    kind = InboundKind(asked) if asked in set(InboundKind) else None
    return show(
        "organiser/messages/received.html",
        page=received_page(kind, page=page_number()),
        kind=kind,
        zone=site.default_timezone,
        reads_mail=site.reads_mail,
    )


@bp.get("/organise/messages/received/<uuid:mail_id>")
@access("organiser")
def received_mail(mail_id: uuid.UUID) -> Response:
    """Show one mail that came in, its bytes as text."""
    mail, raw = get_received(mail_id)
    return show("organiser/messages/received_mail.html", mail=mail, raw=raw, zone=context.site().default_timezone)
