"""Search in responses, and what makes long lists of them quick."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engage.kernel import clock

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# On SQLite the index is a virtual table beside `response_search`; what is written there is indexed by triggers.
FULL_TEXT = (
    "CREATE VIRTUAL TABLE response_words USING fts5(words, facets, content='response_search', content_rowid='number',"
    " tokenize='unicode61 remove_diacritics 0', prefix='3')",
    "CREATE TRIGGER response_search_added AFTER INSERT ON response_search BEGIN"
    " INSERT INTO response_words(rowid, words, facets) VALUES (new.number, new.words, new.facets); END",
    "CREATE TRIGGER response_search_gone AFTER DELETE ON response_search BEGIN"
    " INSERT INTO response_words(response_words, rowid, words, facets)"
    " VALUES ('delete', old.number, old.words, old.facets); END",
    "CREATE TRIGGER response_search_changed AFTER UPDATE ON response_search BEGIN"
    " INSERT INTO response_words(response_words, rowid, words, facets)"
    " VALUES ('delete', old.number, old.words, old.facets);"
    " INSERT INTO response_words(rowid, words, facets) VALUES (new.number, new.words, new.facets); END",
)
# Since SQLite 3.42 an entry that is deleted is taken out of the index at once, not when its parts are next merged.
TAKES_OUT_AT_ONCE = (3, 42)
TAKE_OUT_AT_ONCE = "INSERT INTO response_words(response_words, rank) VALUES ('secure-delete', 1)"
INDEXES = {
    "ix_response_queue": ["status", "may_publish", "received_on", "id"],
    "ix_response_consultation_id_status": ["consultation_id", "status", "received_on"],
}
INDEXES_BEFORE = {
    "ix_response_status_received_on": ["status", "received_on"],
    "ix_response_consultation_id": ["consultation_id"],
}
MAY_PUBLISH = (
    "UPDATE response SET may_publish = EXISTS (SELECT 1 FROM consent WHERE consent.response_id = response.id"
    " AND consent.purpose = 'publish_site' AND consent.granted AND consent.withdrawn_at IS NULL)"
)


def upgrade() -> None:
    text = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")
    op.create_table(
        "response_search",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("words", text, nullable=False),
        sa.Column("facets", text, nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_response_search_response_id_response"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_response_search")),
        sa.UniqueConstraint("response_id", name=op.f("uq_response_search_response_id")),
    )
    # A server default adds a column without making the table again.
    op.add_column("response", sa.Column("may_publish", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in INDEXES_BEFORE:
        op.drop_index(name, "response")
    op.execute(MAY_PUBLISH)
    for name, columns in INDEXES.items():
        op.create_index(name, "response", columns)
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in FULL_TEXT:
            op.execute(statement)
        if connection.dialect.server_version_info >= TAKES_OUT_AT_ONCE:
            op.execute(TAKE_OUT_AT_ONCE)
    else:
        op.create_index("ix_response_search_words", "response_search", ["words", "facets"], postgresql_using="gin")
    _promise_to_index(connection)


def _promise_to_index(connection: sa.Connection) -> None:
    """Let the worker index what is there: a million responses would hold the start up for minutes."""
    if connection.execute(sa.text("SELECT 1 FROM response LIMIT 1")).first() is None:
        return
    job = sa.table(
        "job",
        sa.column("name", sa.String()),
        sa.column("arguments", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")),
        sa.column("run_at", sa.DateTime(timezone=True)),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("dedupe_key", sa.String()),
        sa.column("state", sa.String()),
        sa.column("attempts", sa.Integer()),
    )
    now = clock.now()
    values = {"name": "responses.index", "arguments": {}, "run_at": now, "created_at": now, "attempts": 0}
    connection.execute(job.insert().values(**values, state="due", dedupe_key="responses.index:0006"))


def downgrade() -> None:
    op.execute("DELETE FROM job WHERE name = 'responses.index'")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE response_words")
    op.drop_table("response_search")
    for name in INDEXES:
        op.drop_index(name, "response")
    for name, columns in INDEXES_BEFORE.items():
        op.create_index(name, "response", columns)
    op.drop_column("response", "may_publish")
