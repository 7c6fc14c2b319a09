"""The outbox on a developer's own machine: development only, asked for by a loopback name only."""

from collections.abc import Sequence
from email import message_from_bytes
from email.policy import default

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
    messages = _newest()
    texts = {message.id: _text(message.bytes) for message in messages if message.bytes is not None}
    return show("operations/dev_mail.html", messages=messages, texts=texts)


def _text(mail: bytes) -> str:
    """Return the plain text of a mail: where no mail program is at hand, its links are followed from the page."""
    body = message_from_bytes(mail, policy=default).get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


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
