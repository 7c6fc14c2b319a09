"""First tables, and the first privacy notice."""

import uuid
from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# {organisation} and {contact} are put in when the notice is shown.
FIRST_NOTICE = """\
## Who is responsible

{organisation} runs this site and decides how your details are used. Write to {contact} about anything on this page.

## What we keep, and why

- **When you book a place:** your name, your e-mail address and, if you give it, your organisation. We use them to hold your place, to send you the invitation and to tell you if the event moves or is cancelled. When you go in by your own link we note that you came.
- **When you answer or comment:** your words, the day, the way you chose to be named, and which uses you agreed to, with the wording that you saw. We use them to understand what people think and, only where you agreed, to show or quote them.
- **When you choose *anonymous*:** your words, the day and your choices, and nothing that leads to you. We cannot find your words again for you; your receipt page can.
- **When you choose *name not published*:** we know who you are and do not show it.
- **When you sign in:** your name, your address, a scrambled form of your password, and when you signed in.

We keep no list of the addresses that computers visit from, set no cookie unless you sign in, and load nothing from other sites.

## How long

We keep bookings and responses until you take them back or ask us to remove them. The text of a mail is removed from our outbox once it is sent.

## Your rights

You can cancel a booking by the link in its mail, and take back an answer, a comment or any consent on its receipt page, at any time and without giving a reason. You can ask us for a copy of what we hold about you, to correct it or to remove it. In the United Kingdom you can complain to the Information Commissioner.
"""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("act", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "before",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "after",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_object_at", ["object", "at"], unique=False)

    op.create_table(
        "consultation",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("why_now", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft", "open", "closed", name="status", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_consultation_closes_after_opening")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("slug", name=op.f("uq_consultation_slug")),
    )
    op.create_table(
        "event",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("local_start", sa.String(length=16), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("seats_taken", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("join_url", sa.String(length=500), nullable=False),
        sa.Column("recording_url", sa.String(length=500), nullable=True),
        sa.Column("comments_open_for_days", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "published",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("feed_uid", sa.Uuid(), nullable=False),
        sa.Column("calendar_sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "0 <= seats_taken AND seats_taken <= capacity", name=op.f("ck_event_never_oversold")
        ),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_event_capacity_positive")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_event_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_status_starts_at", ["status", "starts_at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "arguments",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "due", "done", "dead", name="state", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_job_attempts_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_job_dedupe_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["state", "run_at"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("logical_key", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invitation",
                "already_booked",
                "moved",
                "updated",
                "booking_cancelled",
                "event_cancelled",
                "receipt",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("to_addr", sa.String(length=254), nullable=False),
        sa.Column("envelope_from", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=True),
        sa.Column(
            "facts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("bytes", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.String(length=254), nullable=False),
        sa.Column("in_reply_to", sa.String(length=254), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sent",
                "failed",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("about_type", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("logical_key", name=op.f("uq_message_logical_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_about", ["about_type", "about_id"], unique=False)
        batch_op.create_index("ix_message_to_addr", ["to_addr"], unique=False)

    op.create_table(
        "person",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "privacy_notice",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_notice")),
        sa.UniqueConstraint("version", "language", name=op.f("uq_privacy_notice_version_language")),
    )
    op.create_table(
        "respondent",
        sa.Column(
            "kind",
            sa.Enum(
                "individual",
                "organisation",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("organisation_name", sa.String(length=200), nullable=True),
        sa.Column(
            "identity_basis",
            sa.Enum(
                "member",
                "booking",
                "guest",
                name="identity_basis",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_respondent")),
    )
    op.create_table(
        "speaker",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role_title", sa.String(length=200), nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
    )
    op.create_table(
        "submission_key",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("keep_until_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_submission_key")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("submission_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_key_keep_until_on"), ["keep_until_on"], unique=False)

    op.create_table(
        "worker_heartbeat",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "appearance",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("speaker_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("speaker", "chair", name="role", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_appearance_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["speaker.id"], name=op.f("fk_appearance_speaker_id_speaker")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appearance")),
        sa.UniqueConstraint(
            "event_id", "speaker_id", "role", name=op.f("uq_appearance_event_id_speaker_id_role")
        ),
    )
    with op.batch_alter_table("appearance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appearance_speaker_id"), ["speaker_id"], unique=False)

    op.create_table(
        "booking",
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("email_normalised", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed", "cancelled", name="status", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column(
            "cancelled_by",
            sa.Enum(
                "attendee", "event", name="cancelled_by", native_enum=False, create_constraint=True, length=20
            ),
            nullable=True,
        ),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "attendance",
            sa.Enum(
                "unknown",
                "attended",
                "missed",
                name="attendance",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_booking_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("reference", name=op.f("uq_booking_reference")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("ix_booking_event_id_created_at", ["event_id", "created_at"], unique=False)
        batch_op.create_index(
            "uq_booking_live_event_id_email_normalised",
            ["event_id", "email_normalised"],
            unique=True,
            sqlite_where=sa.text("status = 'confirmed'"),
            postgresql_where=sa.text("status = 'confirmed'"),
        )

    op.create_table(
        "framework",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "mission",
                "goal",
                "principle",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source_title", sa.String(length=200), nullable=True),
        sa.Column("source_url", sa.String(length=500), nullable=True),
        sa.Column("source_published_on", sa.Date(), nullable=True),
        sa.Column("stated_count", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_framework_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework")),
    )
    with op.batch_alter_table("framework", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_framework_consultation_id"), ["consultation_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("help", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_question_number_positive")),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_question_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("consultation_id", "number", name=op.f("uq_question_consultation_id_number")),
    )
    op.create_table(
        "respondent_identity",
        sa.Column("respondent_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "person_id IS NOT NULL OR email IS NOT NULL OR name IS NOT NULL",
            name=op.f("ck_respondent_identity_says_who"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_respondent_identity_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondent.id"],
            name=op.f("fk_respondent_identity_respondent_id_respondent"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_respondent_identity")),
        sa.UniqueConstraint("person_id", name=op.f("uq_respondent_identity_person_id")),
        sa.UniqueConstraint("respondent_id", name=op.f("uq_respondent_identity_respondent_id")),
    )
    with op.batch_alter_table("respondent_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_respondent_identity_email"), ["email"], unique=False)

    op.create_table(
        "role",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "member",
                "moderator",
                "analyst",
                "access_lead",
                "organiser",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_role_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_role")),
    )
    op.create_table(
        "session_record",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_session_record_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_record")),
    )
    with op.batch_alter_table("session_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_record_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_record_person_id"), ["person_id"], unique=False)

    op.create_table(
        "submission",
        sa.Column("respondent_id", sa.Uuid(), nullable=True),
        sa.Column("consultation_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("receipt_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("web", "event", name="channel", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "consultation_id IS NOT NULL OR event_id IS NOT NULL", name=op.f("ck_submission_about_something")
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_submission_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_submission_event_id_event")),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_submission_respondent_id_respondent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_submission_receipt_hash")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_consultation_id"), ["consultation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_respondent_id"), ["respondent_id"], unique=False)

    op.create_table(
        "calendar_invite",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("uid", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("time_sequence", sa.Integer(), nullable=False),
        sa.Column("organizer_addr", sa.String(length=254), nullable=False),
        sa.Column("attendee_addr", sa.String(length=254), nullable=False),
        sa.Column("first_message_id", sa.String(length=254), nullable=True),
        sa.Column(
            "state",
            sa.Enum("live", "cancelled", name="state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "sequence >= 0 AND time_sequence >= 0 AND time_sequence <= sequence",
            name=op.f("ck_calendar_invite_sequence_rises"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_calendar_invite_booking_id_booking"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_calendar_invite_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_invite")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_calendar_invite_booking_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_calendar_invite_uid")),
    )
    with op.batch_alter_table("calendar_invite", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_invite_event_id"), ["event_id"], unique=False)

    op.create_table(
        "event_question",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_question_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_event_question_question_id_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_question")),
        sa.UniqueConstraint("event_id", "question_id", name=op.f("uq_event_question_event_id_question_id")),
    )
    with op.batch_alter_table("event_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_question_question_id"), ["question_id"], unique=False)

    op.create_table(
        "response",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("respondent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("answer", "comment", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("consultation_id", sa.Uuid(), nullable=True),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("body_original", sa.Text(), nullable=False),
        sa.Column(
            "attribution",
            sa.Enum(
                "named",
                "organisation",
                "pseudonym",
                "not_published",
                "anonymous",
                name="attribution",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("display_name", sa.String(length=200), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "published",
                "refused",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("leaves_gap", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(attribution = 'anonymous') = (respondent_id IS NULL)",
            name=op.f("ck_response_anonymous_has_no_respondent"),
        ),
        sa.CheckConstraint(
            "attribution <> 'anonymous' OR display_name IS NULL",
            name=op.f("ck_response_anonymous_has_no_name"),
        ),
        sa.CheckConstraint(
            "question_id IS NOT NULL OR event_id IS NOT NULL", name=op.f("ck_response_about_something")
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_response_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_response_event_id_event")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_response_question_id_question")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_response_respondent_id_respondent")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_response_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_consultation_id"), ["consultation_id"], unique=False)
        batch_op.create_index(
            "ix_response_event_id_status", ["event_id", "status", "received_on"], unique=False
        )
        batch_op.create_index(
            "ix_response_question_id_status", ["question_id", "status", "received_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_response_respondent_id"), ["respondent_id"], unique=False)
        batch_op.create_index("ix_response_status_received_on", ["status", "received_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_response_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "theme",
        sa.Column("framework_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_id"],
            ["framework.id"],
            name=op.f("fk_theme_framework_id_framework"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("framework_id", "number", name=op.f("uq_theme_framework_id_number")),
    )
    op.create_table(
        "consent",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "publish_site",
                "quote_report",
                "share_government",
                "social_media",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("wording_shown", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["privacy_notice.id"], name=op.f("fk_consent_notice_id_privacy_notice")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_consent_response_id_response"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("response_id", "purpose", name=op.f("uq_consent_response_id_purpose")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "moderation_decision",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column(
            "action",
            sa.Enum("publish", "refuse", name="action", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column(
            "reason_code",
            sa.Enum(
                "off_topic",
                "names_somebody",
                "abusive",
                "spam",
                "duplicate",
                "other",
                name="reason_code",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("moderator", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator"], ["person.id"], name=op.f("fk_moderation_decision_moderator_person")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_moderation_decision_response_id_response"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_decision")),
    )
    with op.batch_alter_table("moderation_decision", schema=None) as batch_op:
        batch_op.create_index(
            "ix_moderation_decision_response_id", ["response_id", "decided_at"], unique=False
        )

    notice = sa.table(
        "privacy_notice",
        sa.column("id", sa.Uuid()),
        sa.column("version", sa.Integer()),
        sa.column("language", sa.String()),
        sa.column("body", sa.Text()),
        sa.column("effective_from", sa.Date()),
    )
    first = {
        "id": uuid.uuid4(),
        "version": 1,
        "language": "en",
        "body": FIRST_NOTICE,
        "effective_from": date(2026, 11, 22),
    }
    op.bulk_insert(notice, [first])


def downgrade() -> None:
    with op.batch_alter_table("moderation_decision", schema=None) as batch_op:
        batch_op.drop_index("ix_moderation_decision_response_id")

    op.drop_table("moderation_decision")
    op.drop_table("consent")
    op.drop_table("theme")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_submission_id"))
        batch_op.drop_index("ix_response_status_received_on")
        batch_op.drop_index(batch_op.f("ix_response_respondent_id"))
        batch_op.drop_index("ix_response_question_id_status")
        batch_op.drop_index("ix_response_event_id_status")
        batch_op.drop_index(batch_op.f("ix_response_consultation_id"))

    op.drop_table("response")
    with op.batch_alter_table("event_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_question_question_id"))

    op.drop_table("event_question")
    with op.batch_alter_table("calendar_invite", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_invite_event_id"))

    op.drop_table("calendar_invite")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_respondent_id"))
        batch_op.drop_index(batch_op.f("ix_submission_event_id"))
        batch_op.drop_index(batch_op.f("ix_submission_consultation_id"))

    op.drop_table("submission")
    with op.batch_alter_table("session_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_record_person_id"))
        batch_op.drop_index(batch_op.f("ix_session_record_ends_at"))

    op.drop_table("session_record")
    op.drop_table("role")
    with op.batch_alter_table("respondent_identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_respondent_identity_email"))

    op.drop_table("respondent_identity")
    op.drop_table("question")
    with op.batch_alter_table("framework", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_framework_consultation_id"))

    op.drop_table("framework")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_booking_live_event_id_email_normalised",
            sqlite_where=sa.text("status = 'confirmed'"),
            postgresql_where=sa.text("status = 'confirmed'"),
        )
        batch_op.drop_index("ix_booking_event_id_created_at")

    op.drop_table("booking")
    with op.batch_alter_table("appearance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appearance_speaker_id"))

    op.drop_table("appearance")
    op.drop_table("worker_heartbeat")
    with op.batch_alter_table("submission_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_key_keep_until_on"))

    op.drop_table("submission_key")
    op.drop_table("speaker")
    op.drop_table("respondent")
    op.drop_table("privacy_notice")
    op.drop_table("person")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_to_addr")
        batch_op.drop_index("ix_message_about")

    op.drop_table("message")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_due")

    op.drop_table("job")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_status_starts_at")

    op.drop_table("event")
    op.drop_table("consultation")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_object_at")

    op.drop_table("audit_entry")
