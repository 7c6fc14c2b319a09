"""Replies, speakers' invitations, private feeds, letters, what came in, and addresses that bounce."""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "invitation",
    "already_booked",
    "moved",
    "updated",
    "booking_cancelled",
    "event_cancelled",
    "waiting",
    "offer",
    "offer_expired",
    "list_closed",
    "guest_left",
    "reminder",
    "came",
    "missed",
    "waited",
    "booking_digest",
    "event_full",
    "first_waiting",
    "receipt",
)
NEW_KINDS = (
    "speaker_invited",
    "speaker_removed",
    "speaker_answered",
    "no_longer_booked",
    "reply_held",
    "reply_note",
    "still_coming",
    "counter_declined",
    "forwarded",
    "letter",
    "feed_link",
    "mail_test",
)
STATES_BEFORE = ("queued", "sent", "failed", "dropped")


def upgrade() -> None:
    op.create_table('address_fault',
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('faults', sa.Integer(), nullable=False),
    sa.Column('first_fault_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_fault_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_reason', sa.String(length=500), nullable=False),
    sa.Column('bad_since', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('address', name=op.f('pk_address_fault'))
    )
    op.create_table('inbound_mail',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.Enum('refused', 'bounce', 'reply', 'automatic', 'person', name='kind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('outcome', sa.String(length=40), nullable=False),
    sa.Column('detail', sa.String(length=500), nullable=True),
    sa.Column('message_id', sa.String(length=254), nullable=True),
    sa.Column('from_addr', sa.String(length=254), nullable=True),
    sa.Column('envelope_to', sa.String(length=254), nullable=True),
    sa.Column('subject', sa.String(length=400), nullable=True),
    sa.Column('about_type', sa.String(length=40), nullable=True),
    sa.Column('about_id', sa.Uuid(), nullable=True),
    sa.Column('reply', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True),
    sa.Column('nonce', sa.String(length=32), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_mail')),
    sa.UniqueConstraint('digest', name=op.f('uq_inbound_mail_digest'))
    )
    with op.batch_alter_table('inbound_mail', schema=None) as batch_op:
        batch_op.create_index('ix_inbound_mail_about', ['about_type', 'about_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_inbound_mail_from_addr'), ['from_addr'], unique=False)
        batch_op.create_index(batch_op.f('ix_inbound_mail_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_inbound_mail_received_at'), ['received_at'], unique=False)

    op.create_table('calendar_feed',
    sa.Column('purpose', sa.Enum('bookings', 'talks', 'desk', name='purpose', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('address', sa.String(length=254), nullable=True),
    sa.Column('nonce', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('(person_id IS NULL) <> (address IS NULL)', name=op.f('ck_calendar_feed_of_one_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_calendar_feed_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('purpose', 'address', name=op.f('uq_calendar_feed_purpose_address')),
    sa.UniqueConstraint('purpose', 'person_id', name=op.f('uq_calendar_feed_purpose_person_id'))
    )
    op.create_table('letter',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('segment', sa.Enum('booked', 'waiting', 'attended', 'missed', 'speakers', name='segment', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=True),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_letter_author_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_letter_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter'))
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_letter_event_id'), ['event_id'], unique=False)

    with op.batch_alter_table('speaker', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email', sa.String(length=254), nullable=True))
        batch_op.create_index(batch_op.f('ix_speaker_email'), ['email'], unique=False)

    with op.batch_alter_table('appearance', schema=None) as batch_op:
        batch_op.add_column(sa.Column('nonce', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(sa.Column('status', sa.Enum('draft', 'invited', 'accepted', 'tentative', 'declined', 'withdrawn', name='status', native_enum=False, create_constraint=True, length=20), server_default='draft', nullable=False))
        batch_op.add_column(sa.Column('message', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('letters', sa.Boolean(), server_default=sa.true(), nullable=False))
    appearance = sa.table("appearance", sa.column("id", sa.Uuid()), sa.column("nonce", sa.String()))
    connection = op.get_bind()
    for (appearance_id,) in connection.execute(sa.select(appearance.c.id)).all():
        connection.execute(appearance.update().where(appearance.c.id == appearance_id).values(nonce=secrets.token_hex(16)))

    with op.batch_alter_table('calendar_invite', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.Enum('attendee', 'speaker', name='kind', native_enum=False, create_constraint=True, length=20), server_default='attendee', nullable=False))
        batch_op.add_column(sa.Column('appearance_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('partstat', sa.Enum('NEEDS-ACTION', 'ACCEPTED', 'TENTATIVE', 'DECLINED', name='partstat', native_enum=False, create_constraint=True, length=20), server_default='NEEDS-ACTION', nullable=False))
        batch_op.add_column(sa.Column('reply_stamp', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('reply_comment', sa.Text(), nullable=True))
        batch_op.alter_column('booking_id', existing_type=sa.Uuid(), nullable=True)
        batch_op.create_index('uq_calendar_invite_appearance', ['appearance_id'], unique=True, sqlite_where=sa.text("state = 'live'"), postgresql_where=sa.text("state = 'live'"))
        batch_op.create_foreign_key(batch_op.f('fk_calendar_invite_appearance_id_appearance'), 'appearance', ['appearance_id'], ['id'], ondelete='CASCADE')
    with op.batch_alter_table("calendar_invite") as batch_op:
        batch_op.create_check_constraint(op.f("ck_calendar_invite_of_one_person"), "(booking_id IS NULL) <> (appearance_id IS NULL)")
    _check("message", "kind", _one_of("kind", (*KINDS_BEFORE, *NEW_KINDS)))
    _check("message", "state", _one_of("state", (*STATES_BEFORE, "bounced")))
    op.create_index("ix_message_envelope_from", "message", ["envelope_from"])  # a bounce names its mail by it


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM message WHERE kind IN :kinds").bindparams(sa.bindparam("kinds", NEW_KINDS, expanding=True)))
    op.execute("UPDATE message SET state = 'failed' WHERE state = 'bounced'")
    op.execute("DELETE FROM calendar_invite WHERE booking_id IS NULL")
    op.execute("DELETE FROM appearance WHERE status = 'withdrawn'")
    op.drop_index("ix_message_envelope_from", "message")
    _check("message", "state", _one_of("state", STATES_BEFORE))
    _check("message", "kind", _one_of("kind", KINDS_BEFORE))
    with op.batch_alter_table("calendar_invite") as batch_op:
        for name in ("of_one_person", "kind", "partstat"):
            batch_op.drop_constraint(op.f(f"ck_calendar_invite_{name}"), type_="check")
    with op.batch_alter_table('calendar_invite', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_calendar_invite_appearance_id_appearance'), type_='foreignkey')
        batch_op.drop_index('uq_calendar_invite_appearance', sqlite_where=sa.text("state = 'live'"), postgresql_where=sa.text("state = 'live'"))
        batch_op.alter_column('booking_id', existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column('reply_comment')
        batch_op.drop_column('reply_stamp')
        batch_op.drop_column('partstat')
        batch_op.drop_column('appearance_id')
        batch_op.drop_column('kind')

    with op.batch_alter_table("appearance") as batch_op:
        batch_op.drop_constraint(op.f("ck_appearance_status"), type_="check")
    with op.batch_alter_table('appearance', schema=None) as batch_op:
        batch_op.drop_column('letters')
        batch_op.drop_column('answered_at')
        batch_op.drop_column('message')
        batch_op.drop_column('status')
        batch_op.drop_column('nonce')

    with op.batch_alter_table('speaker', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_speaker_email'))
        batch_op.drop_column('email')

    op.drop_table('letter')
    op.drop_table('calendar_feed')
    op.drop_table('inbound_mail')
    op.drop_table('address_fault')


def _check(table: str, name: str, condition: str) -> None:
    """Put another condition in the place of a CHECK; SQLite makes the table again."""
    full_name = op.f(f"ck_{table}_{name}")
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(full_name, type_="check")
        batch_op.create_check_constraint(full_name, condition)


def _one_of(column: str, words: Sequence[str]) -> str:
    """Return the condition that a column holds one of these words."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"
