"""Words that nobody may read and names that nobody may know: planted through the pages, looked for everywhere (P6)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from engage.kernel import clock
from engage.kernel.db import db
from engage.mail.models import Message
from engage.responses.enums import Attribution, ModerationAction, ReasonCode, ResponseKind
from engage.responses.models import Response
from engage.responses.services import decide
from engage.responses.services.moderating import Verdict, decide_and_tell
from tests.conftest import SentMail
from tests.factories import hidden
from tests.patrols.walking import walk
from tests.responses.makers import every_value
from tests.stage import Stage, Unit

PAGE = "/consultations/flood-plans/respond"
NAME, ADDRESS = "Kanaria Unnamed", "kanaria@canary.example"
UNSEEN = "Words of a canary that nobody may read."
READ = "Words of a canary that everybody may read."
ALONE = "Words of a canary without a name."
LANE = "Kanarienweg 7"
BROWSER = {"User-Agent": "CanaryBrowser/7.7", "X-Forwarded-For": "203.0.113.77"}
WHO = (NAME, "Kanaria", ADDRESS, "canary.example", "CanaryBrowser", "203.0.113.77")


def _send(client: FlaskClient, **typed: str) -> str:
    """Answer question 1 as a browser does; returns the receipt's address."""
    page = client.get(PAGE, headers=BROWSER)
    answer = client.post(
        PAGE, data={**hidden(page), **typed}, headers=BROWSER, environ_base={"REMOTE_ADDR": "203.0.113.78"}
    )
    assert answer.status_code == 303, answer.text
    return answer.location


@pytest.fixture
def planted(stage: Stage, unit: Unit, worker: Callable[..., int]) -> Stage:
    """A stage with three canaries: not for publication, published without its name, and published anonymously."""
    who = {"attribution": "not_published", "display_name": NAME, "email": ADDRESS}
    _send(stage.client(), **{"answer-1": UNSEEN, "quote": "yes", **who})
    _send(stage.client(), **{"answer-1": READ, "publish": "yes", **who})
    _send(stage.client("member"), **{"answer-1": ALONE, "attribution": "anonymous", "publish": "yes"})
    moderator = stage.people["moderator"]
    with unit() as session:
        for response in session.scalars(select(Response).where(Response.body_original.in_([READ, ALONE]))).all():
            decide(response.id, action=ModerationAction.PUBLISH, moderator=moderator, at=clock.now())
    worker()
    return stage


def found(stage: Stage, person: str, canaries: tuple[str, ...]) -> Iterator[str]:
    """Give each page, feed or file that a person reaches and that holds a canary."""
    for here, answer in walk(stage, person):
        if here.startswith("/dev/"):
            continue  # a developer's own machine shows every mail
        held = told_by(answer) + str(answer.headers)
        yield from (f"{here}: {canary}" for canary in canaries if canary in held)


def told_by(answer: TestResponse) -> str:
    """Return all the text that an answer holds; a workbook's sheets are unpacked."""
    data: bytes = answer.get_data()
    if data.startswith(b"PK"):
        with ZipFile(BytesIO(data)) as parts:
            data = b"".join(parts.read(name) for name in parts.namelist())
    return data.decode(errors="replace")


def test_no_page_feed_or_file_tells_a_stranger_what_was_not_for_them(planted: Stage) -> None:
    """P1, P6, P14, S23."""
    assert list(found(planted, "visitor", (UNSEEN, *WHO))) == []
    assert READ in planted.client().get("/consultations/flood-plans/questions/1/").text


def test_organisers_read_the_words_and_not_whose_they_are(planted: Stage) -> None:
    """P1, P25: whose a response without a name is, stands on no page of the desk."""
    assert list(found(planted, "organiser", WHO)) == []


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json", "jsonl"])
def test_no_file_that_is_taken_away_tells_whose_the_words_are(planted: Stage, unit: Unit, file_format: str) -> None:
    """P6, P25: the public one holds no more than the site; the others hold the words and no names.

    With its name in the row, the same file is caught.
    """
    page, client = "/organise/consultations/flood-plans/export", planted.client("organiser")

    def taken(profile: str) -> str:
        typed = {**hidden(client.get(page)), "profile": profile, "question": "", "what": "", "format": file_format}
        return told_by(client.post(page, data=typed))

    told = {profile: taken(profile) for profile in ("public", "analyst", "organiser")}
    held = {profile: [word for word in (UNSEEN, READ, ALONE, *WHO) if word in file] for profile, file in told.items()}
    with unit() as session:
        leak = "UPDATE response SET attribution = 'named', display_name = :name WHERE body_original = :words"
        session.execute(text(leak), {"name": NAME, "words": READ})

    assert held == {"public": [READ, ALONE], "analyst": [UNSEEN, READ, ALONE], "organiser": [UNSEEN, READ, ALONE]}
    assert NAME in taken("public")


def test_the_same_patrol_catches_a_name_that_leaks(planted: Stage, unit: Unit) -> None:
    """The control: with the name in the row of what is published, the walk finds it."""
    with unit() as session:
        session.execute(
            text("UPDATE response SET attribution = 'named', display_name = :name WHERE body_original = :words"),
            {"name": NAME, "words": READ},
        )

    assert next(found(planted, "visitor", (UNSEEN, *WHO)), None) is not None


def test_mails_go_to_the_sender_alone_and_none_tells_of_the_anonymous(
    planted: Stage, outbox: Callable[[], list[SentMail]], unit: Unit
) -> None:
    """P2, P7, P23."""
    mails = outbox()
    with unit() as session:
        facts = {str(message.to_addr): str(message.facts) for message in session.scalars(select(Message))}

    assert [mail.to for mail in mails if mail.mail is not None and "canary" in mail.mail.as_string().lower()].count(
        ADDRESS
    ) >= 2
    for mail in mails:
        told = "" if mail.mail is None else mail.mail.as_string()
        for canary in (UNSEEN, READ, ALONE) if mail.to == ADDRESS else (UNSEEN, READ, ALONE, *WHO):
            assert canary not in told, mail.kind
    assert not [to for to, said in facts.items() if ALONE in said or (NAME in said and to != ADDRESS)]


def test_words_that_were_taken_out_are_found_by_nobody_and_not_in_the_index(planted: Stage, unit: Unit) -> None:
    """P11, P17: on no page, in no feed and by no search; moderators alone read what was written first."""
    _send(planted.client(), **{"answer-1": f"Mend {LANE} first.", "publish": "yes", "attribution": "anonymous"})
    with unit() as session:
        found_one = select(Response).where(Response.body_original.contains(LANE))
        response_id = session.scalars(found_one).one().id
        shortened = Verdict(ModerationAction.REDACT, ReasonCode.NAMES_SOMEBODY, body="Mend […] first.")
        site = planted.app.extensions["engage"].site()
        decide_and_tell(response_id, shortened, moderator=planted.people["moderator"], site=site, at=clock.now())

    assert "Mend […] first." in planted.client().get("/consultations/flood-plans/questions/1/").text
    assert list(found(planted, "visitor", (LANE,))) == []
    with unit():
        index = {name: rows for name, rows in every_value().items() if name.startswith("response_search")}
    assert index["response_search"]
    assert "kanarienweg" not in str(index).casefold()
    assert LANE in planted.client("moderator").get(f"/organise/responses/{response_id}").text


def test_a_question_under_no_name_that_came_with_a_booking_is_nobodys(
    planted: Stage, unit: Unit, outbox: Callable[[], list[SentMail]]
) -> None:
    """P1, P6: the booking has a name, and the question none, for the desk neither."""
    client, page = planted.client(), "/events/coming-event/book"
    asked = {"question": READ, "question_attribution": "not_published", "question_publish": "yes"}
    form = hidden(client.get(page))
    assert client.post(page, data={**form, "name": NAME, "email": ADDRESS, **asked}).status_code == 303
    with unit() as session:
        question = session.scalars(select(Response).where(Response.kind == ResponseKind.LIVE_QUESTION)).one()
        decide(
            question.id,
            action=ModerationAction.PUBLISH,
            moderator=planted.people["moderator"],
            at=clock.now(),
        )
        mine = f"/organise/responses/{question.id}"

    assert READ in client.get("/events/coming-event/").text
    assert list(found(planted, "visitor", (UNSEEN, *WHO))) == []
    for desk in (mine, "/organise/responses/?state=published", "/organise/events/coming-event/live-questions"):
        told = planted.client("organiser").get(desk).text
        assert READ in told
        assert not [word for word in WHO if word in told]


def test_what_moderators_hear_in_the_morning_holds_nobodys_words(
    planted: Stage, outbox: Callable[[], list[SentMail]], worker: Callable[..., int]
) -> None:
    """P7."""
    worker(clock.now() + timedelta(days=1))

    told = [mail.mail.as_string() for mail in outbox() if mail.kind == "moderation_digest" and mail.mail is not None]
    assert len(told) == 1
    assert not [word for word in (UNSEEN, READ, ALONE, *WHO) if word in told[0]]


def test_an_anonymous_answer_by_a_member_leaves_nothing_of_them_in_any_table_or_log(stage: Stage, unit: Unit) -> None:
    """P2, P4, P5: through the page, signed in, with an address and a browser that can be told."""
    member = stage.client("member")
    member.get(PAGE)
    with member.session_transaction() as cookie:
        session_id = cookie["_user_id"]
    with unit():
        before = every_value()
    with capture_logs() as lines:
        receipt = _send(member, **{"answer-1": ALONE, "attribution": "anonymous", "publish": "yes"})
        uses = _change(member, receipt, unit)
    with unit():
        after = every_value()

    new = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    told = " ".join(str(value) for rows in new.values() for row in rows for value in row)
    code = receipt.split("/")[2]
    for canary in (*WHO, "203.0.113", session_id, str(stage.people["member"]), "dev@example.org", "Dev", code):
        assert canary not in told, canary
    at = clock.now()
    for second in (f"{at:%H:%M:%S}", str(int(at.timestamp()))):
        assert second not in told
    assert uses
    assert lines == []
    index = {name for name in new if name.startswith("response_words")}  # of SQLite: what the index keeps itself in
    assert {name for name, rows in new.items() if rows} - index <= {
        "audit_entry", "consent", "question", "response", "response_search", "response_version", "spam_check",
        "submission", "submission_key",
    }  # fmt: skip


def _change(client: FlaskClient, receipt: str, unit: Unit) -> bool:
    """Let the anonymous person change the words and the uses by the receipt."""
    with unit():
        statement = select(Response.id).where(Response.attribution == Attribution.ANONYMOUS)
        mine = f"{receipt}responses/{db.session.scalars(statement).one()}"
    typed: dict[str, dict[str, Any]] = {"edit": {"body": f"{ALONE} And more."}, "uses": {"uses": ["quote_report"]}}
    done = [
        client.post(f"{mine}/{page}", data={**hidden(client.get(f"{mine}/{page}")), **fields}, headers=BROWSER)
        for page, fields in typed.items()
    ]
    return [answer.status_code for answer in done] == [303, 303]
