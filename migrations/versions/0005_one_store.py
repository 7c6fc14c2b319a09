"""Questions of every type, the one store with threads, media and versions, moderation, drafts, registering."""

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, time

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

MESSAGES_BEFORE = (
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
NEW_MESSAGES = (
    "draft_link",
    "draft_reminder",
    "answers_copy",
    "decision",
    "replied",
    "moderation_digest",
    "media_refused",
    "confirm_address",
    "has_account",
    "new_password",
)
# (table, column): the words before, and those that are new
WORDS = {
    ("message", "kind"): (MESSAGES_BEFORE, NEW_MESSAGES),
    ("consultation", "status"): (("draft", "open", "closed"), ("analysing", "answered", "withdrawn")),
    ("submission", "channel"): (("web", "event"), ("email", "post", "phone", "import")),
    ("respondent", "identity_basis"): (("member", "booking", "guest"), ("offline",)),
    ("response", "kind"): (("answer", "comment"), ("choice", "reply", "live_question")),
    ("response", "status"): (("received", "published", "refused", "withdrawn"), ("held",)),
    ("consent", "purpose"): (
        ("publish_site", "quote_report", "share_government", "social_media"),
        ("media_voice", "media_face"),
    ),
    ("moderation_decision", "action"): (("publish", "refuse"), ("hold", "redact", "restore")),
}
WITHOUT_ROWID = {"response", "submission", "consent"}
CHECKS = {
    "response": {
        "depth_of_threads": "depth BETWEEN 0 AND 3 AND (depth = 0) = (parent_id IS NULL)",
        "replies_have_a_thread": "(parent_id IS NULL) = (root_id IS NULL)",
    },
    "question": {"media_limits": "0 < media_min_s AND media_min_s <= media_max_s"},
}


def upgrade() -> None:
    op.create_table('media_asset',
    sa.Column('kind', sa.Enum('audio', 'video', 'image', 'file', name='kind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('state', sa.Enum('received', 'ready', 'refused', 'gone', name='state', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('storage_key', sa.String(length=200), nullable=True),
    sa.Column('poster_key', sa.String(length=200), nullable=True),
    sa.Column('mime', sa.String(length=60), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('duration_ms', sa.Integer(), nullable=True),
    sa.Column('shortest_ms', sa.Integer(), nullable=True),
    sa.Column('longest_ms', sa.Integer(), nullable=True),
    sa.Column('width', sa.Integer(), nullable=True),
    sa.Column('height', sa.Integer(), nullable=True),
    sa.Column('refusal', sa.String(length=40), nullable=True),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("(state IN ('received', 'ready')) = (storage_key IS NOT NULL)", name=op.f('ck_media_asset_bytes_while_needed')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_media_asset')),
    sa.UniqueConstraint('poster_key', name=op.f('uq_media_asset_poster_key')),
    sa.UniqueConstraint('storage_key', name=op.f('uq_media_asset_storage_key')),
    sqlite_with_rowid=False
    )
    op.create_table('spam_word',
    sa.Column('word', sa.String(length=60), nullable=False),
    sa.Column('ham', sa.Integer(), nullable=False),
    sa.Column('spam', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('word', name=op.f('pk_spam_word')),
    sqlite_with_rowid=False
    )
    op.create_table('account_token',
    sa.Column('purpose', sa.Enum('confirm', 'reset', name='purpose', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('secret_hash', sa.String(length=64), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=True),
    sa.Column('organisation', sa.String(length=200), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_token_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_token')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_account_token_secret_hash'))
    )
    with op.batch_alter_table('account_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_token_email'), ['email'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_token_ends_at'), ['ends_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_token_person_id'), ['person_id'], unique=False)

    op.create_table('answer_draft',
    sa.Column('consultation_id', sa.Uuid(), nullable=False),
    sa.Column('nonce', sa.String(length=32), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('locale', sa.String(length=10), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_answer_draft_consultation_id_consultation'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_draft'))
    )
    with op.batch_alter_table('answer_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_draft_consultation_id'), ['consultation_id'], unique=False)

    op.create_table('media_track',
    sa.Column('media_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('captions', 'transcript', name='kind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('language', sa.String(length=10), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['media_id'], ['media_asset.id'], name=op.f('fk_media_track_media_id_media_asset'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_media_track')),
    sa.UniqueConstraint('media_id', 'kind', 'language', name=op.f('uq_media_track_media_id_kind_language')),
    sqlite_with_rowid=False
    )
    op.create_table('footnote',
    sa.Column('consultation_id', sa.Uuid(), nullable=True),
    sa.Column('framework_id', sa.Uuid(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('(consultation_id IS NULL) <> (framework_id IS NULL)', name=op.f('ck_footnote_of_one_text')),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_footnote_consultation_id_consultation'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['framework_id'], ['framework.id'], name=op.f('fk_footnote_framework_id_framework'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_footnote')),
    sa.UniqueConstraint('consultation_id', 'number', name=op.f('uq_footnote_consultation_id_number')),
    sa.UniqueConstraint('framework_id', 'number', name=op.f('uq_footnote_framework_id_number'))
    )
    op.create_table('question_option',
    sa.Column('question_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('is_other', sa.Boolean(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_option_question_id_question'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_option')),
    sa.UniqueConstraint('question_id', 'position', name=op.f('uq_question_option_question_id_position'))
    )
    op.create_table('question_version',
    sa.Column('question_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('help', sa.Text(), nullable=True),
    sa.Column('options', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_version_question_id_question'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_version')),
    sa.UniqueConstraint('question_id', 'version', name=op.f('uq_question_version_question_id_version'))
    )
    op.create_table('flag',
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Enum('spam', 'offensive', 'off_topic', 'names_somebody', 'other', name='reason', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=True),
    sa.Column('flagged_on', sa.Date(), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.Uuid(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['resolved_by'], ['person.id'], name=op.f('fk_flag_resolved_by_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_flag_response_id_response'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flag'))
    )
    with op.batch_alter_table('flag', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_flag_response_id'), ['response_id'], unique=False)

    op.create_table('question_theme',
    sa.Column('question_id', sa.Uuid(), nullable=False),
    sa.Column('theme_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_theme_question_id_question'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_question_theme_theme_id_theme'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('question_id', 'theme_id', name=op.f('pk_question_theme'))
    )
    with op.batch_alter_table('question_theme', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_theme_theme_id'), ['theme_id'], unique=False)

    op.create_table('reaction',
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('respondent_id', sa.Uuid(), nullable=False),
    sa.Column('value', sa.Enum('agree', 'disagree', 'pass', 'up', 'none', name='value', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['respondent_id'], ['respondent.id'], name=op.f('fk_reaction_respondent_id_respondent'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_reaction_response_id_response'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reaction'))
    )
    with op.batch_alter_table('reaction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reaction_respondent_id'), ['respondent_id'], unique=False)
        batch_op.create_index('ix_reaction_response_id', ['response_id', 'respondent_id', 'at'], unique=False)

    op.create_table('response_choice',
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('option_id', sa.Uuid(), nullable=False),
    sa.Column('other_text', sa.String(length=500), nullable=True),
    sa.ForeignKeyConstraint(['option_id'], ['question_option.id'], name=op.f('fk_response_choice_option_id_question_option')),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_response_choice_response_id_response'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('response_id', 'option_id', name=op.f('pk_response_choice')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('response_choice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_response_choice_option_id'), ['option_id'], unique=False)

    op.create_table('response_version',
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('edit', 'redaction', 'transcript', 'translation', name='kind', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('language', sa.String(length=10), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=True),
    sa.Column('source', sa.Enum('human', 'machine', name='source', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_response_version_author_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_response_version_response_id_response'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_response_version')),
    sa.UniqueConstraint('response_id', 'number', name=op.f('uq_response_version_response_id_number')),
    sqlite_with_rowid=False
    )
    op.create_table('spam_check',
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('engine', sa.Enum('honeypot', 'timing', 'local', 'akismet', name='engine', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('verdict', sa.Enum('ham', 'spam', 'provisional', 'error', name='verdict', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('guid', sa.String(length=64), nullable=True),
    sa.Column('is_blatant', sa.Boolean(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.Column('fields', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True),
    sa.Column('checked_on', sa.Date(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_spam_check_response_id_response'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spam_check')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('spam_check', schema=None) as batch_op:
        batch_op.create_index('ix_spam_check_response_id', ['response_id'], unique=False)

    op.create_table('theme_link',
    sa.Column('from_id', sa.Uuid(), nullable=False),
    sa.Column('to_id', sa.Uuid(), nullable=False),
    sa.Column('relation', sa.Enum('supports', 'depends_on', 'conflicts', name='relation', native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('from_id <> to_id', name=op.f('ck_theme_link_two_themes')),
    sa.ForeignKeyConstraint(['from_id'], ['theme.id'], name=op.f('fk_theme_link_from_id_theme'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['to_id'], ['theme.id'], name=op.f('fk_theme_link_to_id_theme'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_theme_link')),
    sa.UniqueConstraint('from_id', 'to_id', 'relation', name=op.f('uq_theme_link_from_id_to_id_relation'))
    )
    with op.batch_alter_table('theme_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_theme_link_to_id'), ['to_id'], unique=False)

    with _altered('consent') as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_consent_response_id_purpose'), type_='unique')
        batch_op.create_index('ix_consent_response_id', ['response_id'], unique=False)
        batch_op.create_index('uq_consent_holding', ['response_id', 'purpose'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))

    with op.batch_alter_table('consultation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('late_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('nonce', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(sa.Column('moderation_mode', sa.Enum('pre', 'post', 'hold', name='moderation_mode', native_enum=False, create_constraint=True, length=20), server_default='pre', nullable=False))
        batch_op.add_column(sa.Column('hold_rules', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True))
        batch_op.add_column(sa.Column('contact_email', sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('who_may_comment', sa.Enum('booked_or_members', 'booked', 'members', name='who_may_comment', native_enum=False, create_constraint=True, length=20), server_default='booked_or_members', nullable=False))
        batch_op.add_column(sa.Column('takes_live_questions', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('moderation_mode', sa.Enum('pre', 'post', 'hold', name='moderation_mode', native_enum=False, create_constraint=True, length=20), server_default='pre', nullable=False))
        batch_op.add_column(sa.Column('hold_rules', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True))

    with op.batch_alter_table('framework', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reviewed_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('review_due_on', sa.Date(), nullable=True))

    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.add_column(sa.Column('type', sa.Enum('open', 'single', 'multi', 'scale', name='type', native_enum=False, create_constraint=True, length=20), server_default='open', nullable=False))
        batch_op.add_column(sa.Column('required', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('max_words', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('allows_text', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('allows_audio', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('allows_video', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('media_min_s', sa.Integer(), server_default='60', nullable=False))
        batch_op.add_column(sa.Column('media_max_s', sa.Integer(), server_default='120', nullable=False))
        batch_op.add_column(sa.Column('is_confidential', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('locked_at', sa.DateTime(timezone=True), nullable=True))

    with _altered('response') as batch_op:
        batch_op.add_column(sa.Column('question_version', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('parent_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('root_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('depth', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('by_organisation', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('media_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('answered_at_s', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('body', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('held_for', sa.Enum('first', 'links', 'words', 'spam', 'spam_check_failed', 'flagged', 'edited', 'moderator', name='held_for', native_enum=False, create_constraint=True, length=20), nullable=True))
        batch_op.create_index(batch_op.f('ix_response_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index('ix_response_root_id', ['root_id', 'received_on'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_response_media_id'), ['media_id'])
        batch_op.create_foreign_key(batch_op.f('fk_response_parent_id_response'), 'response', ['parent_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_response_root_id_response'), 'response', ['root_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_response_media_id_media_asset'), 'media_asset', ['media_id'], ['id'])

    with _altered('submission') as batch_op:
        batch_op.add_column(sa.Column('entered_by', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_submission_entered_by_person'), 'person', ['entered_by'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('theme', schema=None) as batch_op:
        batch_op.add_column(sa.Column('body', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('target_year', sa.Integer(), nullable=True))

    for (table, column), (before, new) in WORDS.items():
        _check(table, column, _one_of(column, (*before, *new)))
    for table, conditions in CHECKS.items():
        for name, condition in conditions.items():
            with _altered(table) as batch_op:
                batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)
    op.drop_index("ix_message_about", "message")
    op.create_index("ix_message_about", "message", ["about_type", "about_id", "kind", "state", "created_at"])
    unsettled = sa.text("state <> 'sent'")
    columns = ["state", "created_at"]
    op.create_index("ix_message_unsettled", "message", columns, sqlite_where=unsettled, postgresql_where=unsettled)
    op.create_index("ix_event_ends_at", "event", ["ends_at"])
    op.execute("UPDATE response SET body = body_original")
    consultation = sa.table("consultation", sa.column("id", sa.Uuid()), sa.column("nonce", sa.String()))
    connection = op.get_bind()
    for (consultation_id,) in connection.execute(sa.select(consultation.c.id)).all():
        made = consultation.update().where(consultation.c.id == consultation_id).values(nonce=secrets.token_hex(16))
        connection.execute(made)
    _lock_answered_questions(connection)


def _lock_answered_questions(connection: sa.Connection) -> None:
    """Lock what was answered before there was a lock; all of it was answered in its first words."""
    question = sa.table("question", sa.column("id", sa.Uuid()), sa.column("locked_at", sa.DateTime(timezone=True)))
    response = sa.table(
        "response",
        sa.column("question_id", sa.Uuid()),
        sa.column("question_version", sa.Integer()),
        sa.column("kind", sa.String()),
        sa.column("received_on", sa.Date()),
    )
    answered = sa.and_(response.c.kind == "answer", response.c.question_id.is_not(None))
    first = sa.select(response.c.question_id, sa.func.min(response.c.received_on, type_=sa.Date())).where(answered)
    for question_id, day in connection.execute(first.group_by(response.c.question_id)).all():
        began = datetime.combine(day, time(), tzinfo=UTC)
        connection.execute(question.update().where(question.c.id == question_id).values(locked_at=began))
    connection.execute(response.update().where(answered).values(question_version=1))


def downgrade() -> None:
    _forget_what_is_new()
    op.drop_index("ix_event_ends_at", "event")
    op.drop_index("ix_message_unsettled", "message")
    op.drop_index("ix_message_about", "message")
    op.create_index("ix_message_about", "message", ["about_type", "about_id"])
    for (table, column), (before, _new) in WORDS.items():
        _check(table, column, _one_of(column, before))
    for table, conditions in CHECKS.items():
        for name in conditions:
            with _altered(table) as batch_op:
                batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
    for table, column in (
        ("consultation", "moderation_mode"),
        ("event", "moderation_mode"),
        ("event", "who_may_comment"),
        ("question", "type"),
        ("response", "held_for"),
    ):
        with _altered(table) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
    with op.batch_alter_table('theme', schema=None) as batch_op:
        batch_op.drop_column('target_year')
        batch_op.drop_column('body')

    with _altered('submission') as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_submission_entered_by_person'), type_='foreignkey')
        batch_op.drop_column('entered_by')

    with _altered('response') as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_response_media_id_media_asset'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_response_root_id_response'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_response_parent_id_response'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_response_media_id'), type_='unique')
        batch_op.drop_index('ix_response_root_id')
        batch_op.drop_index(batch_op.f('ix_response_parent_id'))
        batch_op.drop_column('held_for')
        batch_op.drop_column('body')
        batch_op.drop_column('answered_at_s')
        batch_op.drop_column('media_id')
        batch_op.drop_column('by_organisation')
        batch_op.drop_column('depth')
        batch_op.drop_column('root_id')
        batch_op.drop_column('parent_id')
        batch_op.drop_column('question_version')

    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_column('locked_at')
        batch_op.drop_column('version')
        batch_op.drop_column('is_confidential')
        batch_op.drop_column('media_max_s')
        batch_op.drop_column('media_min_s')
        batch_op.drop_column('allows_video')
        batch_op.drop_column('allows_audio')
        batch_op.drop_column('allows_text')
        batch_op.drop_column('max_words')
        batch_op.drop_column('required')
        batch_op.drop_column('type')

    with op.batch_alter_table('framework', schema=None) as batch_op:
        batch_op.drop_column('review_due_on')
        batch_op.drop_column('reviewed_on')

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('hold_rules')
        batch_op.drop_column('moderation_mode')
        batch_op.drop_column('takes_live_questions')
        batch_op.drop_column('who_may_comment')

    with op.batch_alter_table('consultation', schema=None) as batch_op:
        batch_op.drop_column('updated_at')
        batch_op.drop_column('version')
        batch_op.drop_column('contact_email')
        batch_op.drop_column('hold_rules')
        batch_op.drop_column('moderation_mode')
        batch_op.drop_column('nonce')
        batch_op.drop_column('late_until')

    with _altered('consent') as batch_op:
        batch_op.drop_index('uq_consent_holding', sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
        batch_op.drop_index('ix_consent_response_id')
        batch_op.create_unique_constraint(batch_op.f('uq_consent_response_id_purpose'), ['response_id', 'purpose'])

    with op.batch_alter_table('theme_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_theme_link_to_id'))

    op.drop_table('theme_link')
    with op.batch_alter_table('spam_check', schema=None) as batch_op:
        batch_op.drop_index('ix_spam_check_response_id')

    op.drop_table('spam_check')
    op.drop_table('response_version')
    with op.batch_alter_table('response_choice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_response_choice_option_id'))

    op.drop_table('response_choice')
    with op.batch_alter_table('reaction', schema=None) as batch_op:
        batch_op.drop_index('ix_reaction_response_id')
        batch_op.drop_index(batch_op.f('ix_reaction_respondent_id'))

    op.drop_table('reaction')
    with op.batch_alter_table('question_theme', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_question_theme_theme_id'))

    op.drop_table('question_theme')
    with op.batch_alter_table('flag', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_flag_response_id'))

    op.drop_table('flag')
    op.drop_table('question_version')
    op.drop_table('question_option')
    op.drop_table('footnote')
    op.drop_table('media_track')
    with op.batch_alter_table('answer_draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_draft_consultation_id'))

    op.drop_table('answer_draft')
    with op.batch_alter_table('account_token', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_token_person_id'))
        batch_op.drop_index(batch_op.f('ix_account_token_ends_at'))
        batch_op.drop_index(batch_op.f('ix_account_token_email'))

    op.drop_table('account_token')
    op.drop_table('spam_word')
    op.drop_table('media_asset')


def _forget_what_is_new() -> None:
    """Delete what the tables before cannot hold: their words would mean nothing there."""
    op.execute("DELETE FROM response WHERE parent_id IS NOT NULL")
    op.execute("DELETE FROM consent WHERE withdrawn_at IS NOT NULL")
    op.execute("UPDATE response SET status = 'received' WHERE status = 'held'")
    op.execute("UPDATE consultation SET status = 'closed' WHERE status IN ('analysing', 'answered', 'withdrawn')")
    for (table, column), (_before, new) in WORDS.items():
        if (table, column) in {("response", "status"), ("consultation", "status")}:
            continue
        if (table, column) == ("submission", "channel"):
            statement = "UPDATE submission SET channel = 'web' WHERE channel IN :words"
        elif (table, column) == ("respondent", "identity_basis"):
            statement = "UPDATE respondent SET identity_basis = 'guest' WHERE identity_basis IN :words"
        else:
            statement = f"DELETE FROM {table} WHERE {column} IN :words"  # noqa: S608 - our own words
        op.execute(sa.text(statement).bindparams(sa.bindparam("words", list(new), expanding=True)))


def _altered(table: str) -> AbstractContextManager[BatchOperations]:
    """Alter a table; SQLite makes it again, without row numbers where it had none (P4)."""
    options = {"sqlite_with_rowid": False} if table in WITHOUT_ROWID else {}
    return op.batch_alter_table(table, table_kwargs=options)


def _check(table: str, name: str, condition: str) -> None:
    """Put another condition in the place of a CHECK; SQLite makes the table again."""
    full_name = op.f(f"ck_{table}_{name}")
    with _altered(table) as batch_op:
        batch_op.drop_constraint(full_name, type_="check")
        batch_op.create_check_constraint(full_name, condition)


def _one_of(column: str, words: Sequence[str]) -> str:
    """Return the condition that a column holds one of these words."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"
