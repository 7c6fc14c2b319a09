"""The waiting list: who waits since when, what is offered until when, and the mails about it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LIVE_INDEX = "uq_booking_live_event_id_email_normalised"
LIVE = "status IN ('confirmed', 'waiting', 'offered')"
LIVE_BEFORE = "status = 'confirmed'"
STATUSES_BEFORE = ("confirmed", "cancelled")
STATUSES = ("confirmed", "waiting", "offered", "cancelled", "expired")
KINDS_BEFORE = (
    "invitation",
    "already_booked",
    "moved",
    "updated",
    "booking_cancelled",
    "event_cancelled",
    "receipt",
)
KINDS = (*KINDS_BEFORE[:-1], "waiting", "offer", "offer_expired", "list_closed", "receipt")


def upgrade() -> None:
    op.add_column("event", sa.Column("waiting_list", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("booking", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking", sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True))
    _allow(STATUSES, LIVE, KINDS)
    op.create_index("ix_booking_event_id_waiting_since", "booking", ["event_id", "waiting_since"])


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE kind IN ('waiting', 'offer', 'offer_expired', 'list_closed')")
    op.execute(
        "UPDATE event SET seats_taken = seats_taken"
        " - (SELECT count(*) FROM booking WHERE event_id = event.id AND status = 'offered')"
    )
    op.execute("DELETE FROM booking WHERE status IN ('waiting', 'offered', 'expired')")
    op.drop_index("ix_booking_event_id_waiting_since", "booking")
    _allow(STATUSES_BEFORE, LIVE_BEFORE, KINDS_BEFORE)
    with op.batch_alter_table("booking") as batch_op:
        batch_op.drop_column("offer_expires_at")
        batch_op.drop_column("waiting_since")
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_column("waiting_list")


def _allow(statuses: Sequence[str], live: str, kinds: Sequence[str]) -> None:
    """Let bookings and messages have these words and no others; only live bookings have an address each."""
    op.drop_index(LIVE_INDEX, "booking")
    _set_words("booking", "status", statuses)
    op.create_index(
        LIVE_INDEX,
        "booking",
        ["event_id", "email_normalised"],
        unique=True,
        sqlite_where=sa.text(live),
        postgresql_where=sa.text(live),
    )
    _set_words("message", "kind", kinds)


def _set_words(table: str, column: str, allowed: Sequence[str]) -> None:
    """Change the words of a closed set; SQLite makes the table again."""
    words = ", ".join(f"'{word}'" for word in allowed)
    name = op.f(f"ck_{table}_{column}")
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"{column} IN ({words})")
