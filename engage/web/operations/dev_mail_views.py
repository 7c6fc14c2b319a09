"""The outbox on a developer's own machine: development only, asked for by a loopback name only."""

from collections.abc import Sequence

from flask import Response, jsonify, request
from sqlalchemy import select

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import keep_private, show
from engage.kernel.db import db
from engage.kernel.errors import NotFoundError
from engage.mail.models import Message
from engage.web.operations.blueprint import bp

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
NEWEST = 200


def _guard() -> None:
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if not context.settings().development or host not in LOOPBACK:
        raise NotFoundError
    keep_private()


def _newest() -> Sequence[Message]:
    return db.session.scalars(select(Message).order_by(Message.id.desc()).limit(NEWEST)).all()


@bp.get("/dev/mail")
@access("development")
def dev_mail() -> Response:
    """List what was written, newest first."""
    _guard()
    return show("operations/dev_mail.html", messages=_newest())


@bp.get("/dev/mail.json")
@access("development")
def dev_mail_json() -> Response:
    """List the same for programs."""
    _guard()
    return jsonify(
        [
            {
                "id": message.id,
                "to": message.to_addr,
                "subject": message.subject,
                "kind": message.kind.value,
                "state": message.state.value,
                "sent_at": message.sent_at.isoformat() if message.sent_at else None,
            }
            for message in _newest()
        ]
    )


@bp.get("/dev/mail/<int:message_id>.eml")
@access("development")
def dev_mail_file(message_id: int) -> Response:
    """Give the bytes that were sent."""
    _guard()
    message = db.session.get(Message, message_id) if message_id < 2**63 else None
    if message is None or message.bytes is None:
        raise NotFoundError
    return Response(message.bytes, mimetype="message/rfc822")
