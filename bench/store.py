"""A store of many responses, written by plain SQL in a minute or so: what takes no service 1,000,000 times."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import insert, text

from engage.consultations.models import Question
from engage.consultations.services import NewQuestion, create_consultation
from engage.kernel.db import db

STORE = "the-store"
WORDS = (
    "The buses end before the late shift does, so whoever cleans the hospital walks home along the ring road. Ask those"
    " who wait at the stop; put the last bus where the last shift ends. It costs less than the second car that three of"
    " my neighbours bought for it, and the plan says nothing of it. "
)
# What differs between the two databases.
NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
NEW_HASH = {"sqlite": "lower(hex(randomblob(32)))", "postgresql": "md5(random()::text) || md5(random()::text)"}
_STEPS = (
    """CREATE TEMPORARY TABLE seat AS
    WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :responses)
    SELECT i, {id} AS respondent_id, {id} AS submission_id, {id} AS response_id, {hash} AS receipt_hash FROM n""",
    """INSERT INTO respondent (id, kind, identity_basis)
    SELECT respondent_id, 'individual', 'guest' FROM seat ORDER BY respondent_id""",
    """INSERT INTO submission (id, respondent_id, consultation_id, receipt_hash, channel, is_sample)
    SELECT submission_id, respondent_id, :consultation, receipt_hash, 'web', false FROM seat ORDER BY submission_id""",
    """INSERT INTO response (id, submission_id, respondent_id, kind, consultation_id, question_id, question_version,
        language, body_original, body, attribution, display_name, status, received_on, leaves_gap, may_publish)
    SELECT response_id, submission_id, respondent_id, 'answer', :consultation, question.id, 1, 'en',
        :words || i, :words || i, 'pseudonym', 'Nia ' || i,
        CASE WHEN i % 20 = 0 THEN 'received' ELSE 'published' END, :day, false, true
    FROM seat CROSS JOIN question
    WHERE question.consultation_id = :consultation AND question.number = 1 + i % :questions
    ORDER BY response_id""",
    """INSERT INTO consent (id, response_id, purpose, granted, notice_id, wording_shown, language, given_at)
    SELECT {id}, response_id, purpose.name, purpose.name <> 'social_media',
        (SELECT id FROM privacy_notice LIMIT 1), 'On this site', 'en', :at
    FROM seat CROSS JOIN (
        SELECT 'publish_site' AS name UNION ALL SELECT 'quote_report'
        UNION ALL SELECT 'share_government' UNION ALL SELECT 'social_media'
    ) AS purpose ORDER BY 1""",
    "DROP TABLE seat",
)


def fill_store(*, questions: int, responses: int, at: datetime) -> uuid.UUID:
    """Make a consultation of so many questions with equal shares of the responses; nineteen of twenty are published.

    Of 1,000,000 it takes a minute or two. Returns the id of the consultation. Runs in a transaction of the caller's.
    """
    times = {"opens_at": at - timedelta(days=30), "closes_at": at + timedelta(days=30)}
    first = NewQuestion("What would help where you live, number 1?")
    made = create_consultation(STORE, title="The store", intro="x", why_now="x", questions=[first], at=at, **times)
    more = [
        {"consultation_id": made.id, "number": number, "text": f"What would help where you live, number {number}?"}
        for number in range(2, questions + 1)
    ]
    if more:
        db.session.execute(insert(Question), more)
    kind = db.session.get_bind().dialect.name
    # Rows with random ids go all over the tables: without room for those each one would wait for the disk.
    db.session.execute(text("PRAGMA cache_size=-900000" if kind == "sqlite" else "SET LOCAL statement_timeout = 0"))
    given = {
        "responses": responses,
        "questions": questions,
        "consultation": made.id.hex if kind == "sqlite" else made.id,
        "words": WORDS,
        "day": at.date() if kind == "postgresql" else at.date().isoformat(),
        "at": at if kind == "postgresql" else f"{at:%Y-%m-%d %H:%M:%S}.000000",
    }
    for step in _STEPS:
        statement = text(step.format(id=NEW_ID[kind], hash=NEW_HASH[kind]))
        db.session.execute(statement, {name: given[name] for name in statement._bindparams})
    return made.id
