"""The mails that came in: each once, its bytes for thirty days, and what became of it (calendar-mail 5.1)."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from engage.kernel.db import db
from engage.kernel.plain import insert_unless_there
from engage.kernel.settings import Site
from engage.kernel.text import clean
from engage.kernel.tokens import new_nonce, read_row_id, sign_row, verify_row
from engage.mail.enums import InboundKind, InboundOutcome
from engage.mail.inbound.keeping import kept_bytes
from engage.mail.inbound.reading import Inbound
from engage.mail.models import InboundMail

KEPT_FOR = timedelta(days=30)
REPLY = "reply"  # the purpose of the link that confirms a held reply
LONGEST_DETAIL = 500


def keep_inbound(inbound: Inbound, raw: bytes, *, envelope_to: str, at: datetime) -> InboundMail | None:
    """Keep a mail that came in, in the caller's transaction; None for one that is there already.

    Two who hand over the same mail at one moment wait for each other, and one of them gets None.
    """
    row_id = uuid.uuid4()
    values = {
        "id": row_id,
        "digest": inbound.digest,
        "kind": inbound.kind,
        "outcome": InboundOutcome.NOTED.value,
        "message_id": inbound.headers.message_id,
        "from_addr": inbound.headers.from_addr,
        "envelope_to": clean(envelope_to, limit=254) or None,
        "subject": inbound.headers.subject or None,
        "nonce": new_nonce(),
        "raw": kept_bytes(inbound, raw),
        "received_at": at,
    }
    if not insert_unless_there(InboundMail, values, unique=("digest",)):
        return None
    return db.session.get_one(InboundMail, row_id)


def find_inbound(digest: str) -> InboundMail | None:
    """Return the mail of a digest."""
    return db.session.scalar(select(InboundMail).where(InboundMail.digest == digest))


def find_held(token: str, *, site: Site, hold: bool = False) -> InboundMail | None:
    """Return the reply that a link to confirm it opens; None for a forged, revoked or unknown one.

    With `hold` nobody else changes it until the transaction ends.
    """
    row_id = read_row_id(token)
    if row_id is None:
        return None
    row = db.session.get(InboundMail, row_id, with_for_update=hold or None, populate_existing=hold)
    if row is None or not verify_row(site.link_secrets, token, REPLY, row.id, row.nonce):
        return None
    return row


def held_token(row: InboundMail, site: Site) -> str:
    """Return the token of the link that confirms a held reply."""
    return sign_row(site.link_secrets, REPLY, row.id, row.nonce)


def settle(
    row: InboundMail,
    outcome: InboundOutcome,
    *,
    about: tuple[str, uuid.UUID] | None = None,
    detail: str = "",
    reply: dict[str, Any] | None = None,
) -> None:
    """Say what became of a mail, what it was about, and what waits to be confirmed."""
    row.outcome = outcome.value
    row.detail = clean(detail, limit=LONGEST_DETAIL) or None
    row.reply = reply or row.reply
    if about is not None:
        row.about_type, row.about_id = about
    db.session.flush()


def conceal(row: InboundMail) -> None:
    """Keep of a mail only that it came: it is about one of ours that tells who answered a consultation (P2)."""
    row.about_type = row.about_id = None
    settle(row, InboundOutcome.CONFIDENTIAL)
    _wipe(InboundMail.id == row.id)


def count_outcomes(
    *outcomes: InboundOutcome,
    since: datetime,
    from_addr: str | None = None,
    about: tuple[str, uuid.UUID] | None = None,
) -> int:
    """Return how many mails of an author, or about a row, had one of these outcomes after a moment."""
    wanted: list[ColumnElement[bool]] = [InboundMail.outcome.in_([each.value for each in outcomes])]
    if about is None:
        wanted.append(InboundMail.from_addr == from_addr)
    else:
        wanted += [InboundMail.about_type == about[0], InboundMail.about_id == about[1]]
    statement = select(func.count(InboundMail.id)).where(InboundMail.received_at > since, *wanted)
    return db.session.scalar(statement) or 0


def count_unread_words() -> int:
    """Return how many mails of people are kept that were passed on to nobody."""
    nobody = (InboundOutcome.KEPT.value, InboundOutcome.TOO_MANY.value)
    kept = (InboundMail.kind == InboundKind.PERSON, InboundMail.outcome.in_(nobody), InboundMail.raw.is_not(None))
    return db.session.scalar(select(func.count(InboundMail.id)).where(*kept)) or 0


def wipe_old_inbound(*, at: datetime) -> int:
    """Wipe the words and the authors of mails that came in a month ago; returns how many. What became of them stays."""
    old = (
        InboundMail.received_at <= at - KEPT_FOR,
        or_(InboundMail.raw.is_not(None), InboundMail.from_addr.is_not(None)),
    )
    return _wipe(*old)


def forget_inbound(about_type: str, about_id: uuid.UUID, *, address: str) -> int:
    """Take a person out of the mails about a row, and out of those that they wrote (P18)."""
    about = (InboundMail.about_type == about_type) & (InboundMail.about_id == about_id)
    return _wipe(or_(about, InboundMail.from_addr == address))


def latest_inbound(*, limit: int, offset: int = 0) -> list[InboundMail]:
    """Return the mails that came in, the newest first, without their bytes."""
    rows = db.session.scalars(
        select(InboundMail).order_by(InboundMail.received_at.desc(), InboundMail.id).limit(limit).offset(offset)
    )
    return list(rows)


def count_inbound() -> int:
    """Return how many mails came in."""
    return db.session.scalar(select(func.count(InboundMail.id))) or 0


def find_last_bounce() -> InboundMail | None:
    """Return the bounce that came last."""
    bounces = select(InboundMail).where(InboundMail.kind == InboundKind.BOUNCE)
    return db.session.scalar(bounces.order_by(InboundMail.received_at.desc()).limit(1))


def _wipe(*which: ColumnElement[bool]) -> int:
    emptied = (
        update(InboundMail)
        .where(*which)
        .values(raw=None, reply=None, from_addr=None, envelope_to=None, subject=None, detail=None, message_id=None)
    )
    done = db.session.execute(emptied.execution_options(synchronize_session="fetch"))
    return int(getattr(done, "rowcount", 0))
