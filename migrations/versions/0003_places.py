"""Parties, groups, own questions, access, certificates, notices, and the plan of reminders."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

ALL_PLACES = "0 <= seats_taken AND 0 <= places_kept AND seats_taken + places_kept <= capacity"
PARTY = "1 <= places AND places <= places_asked AND places_asked <= 5"
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
    "receipt",
)
NEW_KINDS = ("guest_left", "reminder", "came", "missed", "waited", "booking_digest", "event_full", "first_waiting")


def upgrade() -> None:
    op.create_table('access_provision',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('captions', 'bsl', 'easy_read', 'dial_in', 'breaks', 'other', name='kind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('arranged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_access_provision_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_provision'))
    )
    with op.batch_alter_table('access_provision', schema=None) as batch_op:
        batch_op.create_index('ix_access_provision_due_on', ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_access_provision_event_id'), ['event_id'], unique=False)

    op.create_table('booking_notice',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('digest', sa.Boolean(), nullable=False),
    sa.Column('when_full', sa.Boolean(), nullable=False),
    sa.Column('when_waiting', sa.Boolean(), nullable=False),
    sa.Column('digested_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_booking_notice_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_booking_notice_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking_notice')),
    sa.UniqueConstraint('event_id', 'person_id', name=op.f('uq_booking_notice_event_id_person_id'))
    )
    with op.batch_alter_table('booking_notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_booking_notice_person_id'), ['person_id'], unique=False)

    op.create_table('booking_question',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('text', 'choice', name='kind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('options', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('is_required', sa.Boolean(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_booking_question_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking_question'))
    )
    with op.batch_alter_table('booking_question', schema=None) as batch_op:
        batch_op.create_index('ix_booking_question_event_id_position', ['event_id', 'position'], unique=False)

    op.create_table('place_group',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('places', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('nonce', sa.String(length=32), nullable=False),
    sa.Column('release_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('0 <= taken AND taken <= places', name=op.f('ck_place_group_never_oversold')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_place_group_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_place_group'))
    )
    with op.batch_alter_table('place_group', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_place_group_event_id'), ['event_id'], unique=False)

    op.create_table('access_need',
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('kinds', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('promised', sa.Text(), nullable=True),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('kept_by', sa.Uuid(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('delete_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['booking.id'], name=op.f('fk_access_need_booking_id_booking'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['kept_by'], ['person.id'], name=op.f('fk_access_need_kept_by_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('booking_id', name=op.f('pk_access_need'))
    )
    with op.batch_alter_table('access_need', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_need_delete_at'), ['delete_at'], unique=False)

    op.create_table('booking_answer',
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('question_id', sa.Uuid(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['booking.id'], name=op.f('fk_booking_answer_booking_id_booking'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['question_id'], ['booking_question.id'], name=op.f('fk_booking_answer_question_id_booking_question'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking_answer')),
    sa.UniqueConstraint('booking_id', 'question_id', name=op.f('uq_booking_answer_booking_id_question_id'))
    )
    with op.batch_alter_table('booking_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_booking_answer_question_id'), ['question_id'], unique=False)

    op.create_table('booking_guest',
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=True),
    sa.Column('email_normalised', sa.String(length=254), nullable=True),
    sa.Column('nonce', sa.String(length=32), nullable=False),
    sa.Column('reminders', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('attendance', sa.Enum('unknown', 'attended', 'missed', name='attendance', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('attendance_source', sa.Enum('join_link', 'organiser', 'report', name='attendance_source', native_enum=False, create_constraint=True, length=20), nullable=True),
    sa.ForeignKeyConstraint(['booking_id'], ['booking.id'], name=op.f('fk_booking_guest_booking_id_booking'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking_guest')),
    sa.UniqueConstraint('booking_id', 'position', name=op.f('uq_booking_guest_booking_id_position'))
    )
    op.create_table('certificate',
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('guest_id', sa.Uuid(), nullable=True),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('pdf', sa.LargeBinary(), nullable=True),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['booking.id'], name=op.f('fk_certificate_booking_id_booking'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['guest_id'], ['booking_guest.id'], name=op.f('fk_certificate_guest_id_booking_guest'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate'))
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.create_index('uq_certificate_booking_id_guest_id', ['booking_id', 'guest_id'], unique=True)
        batch_op.create_index('uq_certificate_holder', ['booking_id'], unique=True, sqlite_where=sa.text('guest_id IS NULL'), postgresql_where=sa.text('guest_id IS NULL'))

    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.add_column(sa.Column('places', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('places_asked', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('group_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('source', sa.Enum('web', 'organiser', 'import', name='source', native_enum=False, create_constraint=True, length=20), server_default='web', nullable=False))
        batch_op.add_column(sa.Column('reminders', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('minutes', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('attendance_source', sa.Enum('join_link', 'organiser', 'report', name='attendance_source', native_enum=False, create_constraint=True, length=20), nullable=True))
        batch_op.create_index(batch_op.f('ix_booking_group_id'), ['group_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_booking_group_id_place_group'), 'place_group', ['group_id'], ['id'])

    with op.batch_alter_table('calendar_invite', schema=None) as batch_op:
        batch_op.add_column(sa.Column('guest_id', sa.Uuid(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_calendar_invite_booking_id'), type_='unique')
        batch_op.create_index('uq_calendar_invite_booking_id', ['booking_id'], unique=True, sqlite_where=sa.text('guest_id IS NULL'), postgresql_where=sa.text('guest_id IS NULL'))
        batch_op.create_index(batch_op.f('ix_calendar_invite_booking_id'), ['booking_id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_calendar_invite_guest_id'), ['guest_id'])
        batch_op.create_foreign_key(batch_op.f('fk_calendar_invite_guest_id_booking_guest'), 'booking_guest', ['guest_id'], ['id'], ondelete='CASCADE')

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('places_kept', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('places_shown', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('members_only_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('mail_plan', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True))
    # Until now the join link was the one way to know of somebody.
    op.execute("UPDATE booking SET attendance_source = 'join_link' WHERE joined_at IS NOT NULL")
    _check("event", "never_oversold", ALL_PLACES)
    with op.batch_alter_table("booking") as batch_op:
        batch_op.create_check_constraint(op.f("ck_booking_places"), PARTY)
    _check("booking", "cancelled_by", _one_of("cancelled_by", ("attendee", "organiser", "event")))
    _check("message", "kind", _one_of("kind", (*KINDS_BEFORE, *NEW_KINDS)))


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM message WHERE kind IN :kinds").bindparams(sa.bindparam("kinds", NEW_KINDS, expanding=True)))
    op.execute("UPDATE booking SET cancelled_by = 'event' WHERE cancelled_by = 'organiser'")
    op.execute("UPDATE event SET seats_taken = (SELECT count(*) FROM booking"
               " WHERE event_id = event.id AND status IN ('confirmed', 'offered'))")
    op.execute("DELETE FROM calendar_invite WHERE guest_id IS NOT NULL")
    _check("message", "kind", _one_of("kind", KINDS_BEFORE))
    _check("booking", "cancelled_by", _one_of("cancelled_by", ("attendee", "event")))
    with op.batch_alter_table("booking") as batch_op:
        for name in ("places", "source", "attendance_source"):
            batch_op.drop_constraint(op.f(f"ck_booking_{name}"), type_="check")
    _check("event", "never_oversold", "0 <= seats_taken AND seats_taken <= capacity")
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('mail_plan')
        batch_op.drop_column('members_only_until')
        batch_op.drop_column('places_shown')
        batch_op.drop_column('places_kept')

    with op.batch_alter_table('calendar_invite', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_calendar_invite_guest_id_booking_guest'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_calendar_invite_guest_id'), type_='unique')
        batch_op.drop_index(batch_op.f('ix_calendar_invite_booking_id'))
        batch_op.drop_index('uq_calendar_invite_booking_id', sqlite_where=sa.text('guest_id IS NULL'), postgresql_where=sa.text('guest_id IS NULL'))
        batch_op.create_unique_constraint(batch_op.f('uq_calendar_invite_booking_id'), ['booking_id'])
        batch_op.drop_column('guest_id')

    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_booking_group_id_place_group'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_booking_group_id'))
        batch_op.drop_column('attendance_source')
        batch_op.drop_column('minutes')
        batch_op.drop_column('reminders')
        batch_op.drop_column('source')
        batch_op.drop_column('group_id')
        batch_op.drop_column('places_asked')
        batch_op.drop_column('places')

    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.drop_index('uq_certificate_holder', sqlite_where=sa.text('guest_id IS NULL'), postgresql_where=sa.text('guest_id IS NULL'))
        batch_op.drop_index('uq_certificate_booking_id_guest_id')

    op.drop_table('certificate')
    op.drop_table('booking_guest')
    with op.batch_alter_table('booking_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_booking_answer_question_id'))

    op.drop_table('booking_answer')
    with op.batch_alter_table('access_need', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_access_need_delete_at'))

    op.drop_table('access_need')
    with op.batch_alter_table('place_group', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_place_group_event_id'))

    op.drop_table('place_group')
    with op.batch_alter_table('booking_question', schema=None) as batch_op:
        batch_op.drop_index('ix_booking_question_event_id_position')

    op.drop_table('booking_question')
    with op.batch_alter_table('booking_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_booking_notice_person_id'))

    op.drop_table('booking_notice')
    with op.batch_alter_table('access_provision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_access_provision_event_id'))
        batch_op.drop_index('ix_access_provision_due_on')

    op.drop_table('access_provision')


def _check(table: str, name: str, condition: str) -> None:
    """Put another condition in the place of a CHECK; SQLite makes the table again."""
    full_name = op.f(f"ck_{table}_{name}")
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(full_name, type_="check")
        batch_op.create_check_constraint(full_name, condition)


def _one_of(column: str, words: Sequence[str]) -> str:
    """Return the condition that a column holds one of these words."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"
