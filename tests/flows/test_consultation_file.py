"""A consultation as one file: out and in again without a change; what cannot be right is refused (R39, S47)."""

import json
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engage.consultations.enums import ThemeRelation
from engage.consultations.models import Consultation, Question
from engage.consultations.queries import get_any_consultation
from engage.consultations.services import (
    FootnoteDetails,
    LinkDetails,
    QuestionDetails,
    add_footnote,
    change_question,
    link_themes,
)
from engage.flows.consultation_file import importing
from engage.flows.consultation_file.errors import (
    ImportAddressTakenError,
    ImportNoticeDiffersError,
    ImportQuestionsDifferError,
    ImportTooLargeError,
    NotOurFileError,
)
from engage.flows.consultation_file.importing import Report, check_file, import_file
from engage.flows.consultation_file.writing import as_json, consultation_lines
from engage.flows.invariants import INVARIANTS
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.counts import count_for_consultation
from engage.responses.models import PrivacyNotice, RespondentIdentity, Response, Submission
from engage.responses.records import get_receipt
from engage.responses.search.facets import Looked
from engage.responses.search.index import find_responses
from engage.responses.search.words import terms_of
from engage.responses.services import withdraw
from engage.responses.services.replying import reply_as_organisation
from tests.databases import TestDatabase
from tests.factories import make_person
from tests.responses.makers import open_consultation
from tests.responses.scenes import say_everything

Unit = Callable[[], AbstractContextManager[Session]]
Lines = list[bytes]


@pytest.fixture
def site(app: Any) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture
def code(unit: Unit, site: Site, clock: time_machine.Traveller) -> str:
    """Let a consultation have something of everything: answers in every state, a reply, versions, links, footnotes."""
    with unit():
        code = say_everything(site)
        asha = make_person("asha@example.org", "organiser")
        consultation = get_any_consultation("levelling-up")
        consultation.hold_rules = {"first": True, "words": ["boat"]}
        first, second = consultation.frameworks[0].themes
        how: dict[str, Any] = {"consultation_id": consultation.id, "at": real_clock.now(), "actor": asha.id}
        link = LinkDetails(first.id, second.id, ThemeRelation.SUPPORTS)
        link_themes(link, version=consultation.version, **how)
        footnote = FootnoteDetails(None, 1, "A paper.", "https://example.org/a")
        add_footnote(footnote, version=consultation.version, **how)
        fifth = consultation.questions[4]
        change_question(
            fifth.id, QuestionDetails("In four words?", max_words=5, required=True), version=consultation.version, **how
        )
        fifth.themes.append(first)
        published = db.session.scalars(select(Response).where(Response.body == "Ask […] first.")).one()
        reply_as_organisation(
            published.id, body="We shall.", language="en", site=site, at=real_clock.now(), actor=asha.id
        )
    return code


def written(unit: Unit, site: Site, *, identities: bool = True) -> Lines:
    with unit():
        consultation = get_any_consultation("levelling-up")
        lines = consultation_lines(consultation, with_identities=identities, site=site, at=real_clock.now())
        return [as_json(line) for line in lines]


def taken_in(unit: Unit, lines: Iterable[bytes]) -> Report:
    with unit():
        return import_file(iter(lines), at=real_clock.now())


def changed(lines: Lines, kind: str, change: Callable[[dict[str, Any]], object]) -> Lines:
    """Return the lines with the first one of a kind that `change` takes (returns anything but None) changed."""
    found = [json.loads(line) for line in lines]
    for each in found:
        if each.get("is", "head") == kind and change(each) is not None:
            return [json.dumps(line).encode() for line in found]
    raise AssertionError(f"no {kind} to change")


def faults(lines: Iterable[bytes]) -> list[str]:
    return [str(fault) for fault in check_file(iter(lines)).faults]


def test_out_and_in_again_nothing_is_different(
    unit: Unit, site: Site, code: str, database: TestDatabase, clock: time_machine.Traveller
) -> None:
    """R39: the next file is the same, receipts still open, counts are the same, and twice adds nothing."""
    lines = written(unit, site)
    with unit():
        counts = count_for_consultation(get_any_consultation("levelling-up").id)
    database.empty()
    clock.shift(timedelta(days=3))

    assert faults(lines) == []
    first, second = taken_in(unit, lines), taken_in(unit, lines)

    assert (first.is_new, first.questions, first.sittings, first.here) == (True, 5, 7, 0)
    assert (second.is_new, second.sittings, second.here, second.responses) == (False, 0, 7, 0)
    assert written(unit, site)[1:] == lines[1:]
    with unit():
        consultation = get_any_consultation("levelling-up")
        # Comments after events belong to their events.
        assert count_for_consultation(consultation.id).answers == counts.answers
        assert len(find_responses(terms_of("ferries"), Looked())) == 1
        assert len(find_responses(terms_of("dafydd"), Looked())) == 0
        assert get_receipt(code).can_be_withdrawn
        assert withdraw(code, at=real_clock.now()) == 2
    with unit():  # the index follows as it is committed
        assert [fault for invariant in INVARIANTS.values() for fault in invariant()] == []


def test_what_came_since_is_added_and_what_is_here_stays(unit: Unit, site: Site, code: str) -> None:
    lines = written(unit, site)
    with unit() as session:
        gone = session.scalars(select(Submission.id).where(Submission.receipt_hash.is_not(None)).limit(1)).one()
        lines_of = [json.loads(line)["id"] for line in lines if b'"sitting"' in line]
        leaf = uuid.UUID(lines_of[-1])
        assert gone
        session.execute(delete(Response).where(Response.submission_id == leaf))
        session.execute(delete(Submission).where(Submission.id == leaf))
        session.execute(update(Consultation).values(title="Changed here"))

    report = taken_in(unit, lines)

    assert (report.is_new, report.sittings, report.here, report.responses) == (False, 1, 6, 1)
    with unit():
        assert get_any_consultation("levelling-up").title == "Changed here"


def test_whose_the_answers_are_travels_only_if_asked_for(
    unit: Unit, site: Site, code: str, database: TestDatabase
) -> None:
    """P25; of the anonymous there is nothing to travel, and of what was taken back there are no words (P2, P13)."""
    plain, full = b"".join(written(unit, site, identities=False)).decode(), written(unit, site)

    for word in ("una@example.org", "Una Said", "regret"):
        assert word not in plain
    assert "regret" not in b"".join(full).decode()
    database.empty()
    taken_in(unit, full)
    with unit() as session:
        assert "una@example.org" in session.scalars(select(RespondentIdentity.email)).all()


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("consultation", lambda row: row.update(slug="Not an address") or 1, "it cannot be the address of a page"),
        ("consultation", lambda row: row.update(opens_at=row["closes_at"]) or 1, "it closes before it opens"),
        ("consultation", lambda row: row.update(nonce="x") or 1, "line 3, nonce: nothing of this name is known"),
        ("consultation", lambda row: row.update(title="x" * 201) or 1, "at most 200 characters can be kept"),
        ("consultation", lambda row: row.update(title="a\u0000b") or 1, "characters that are not kept"),
        ("consultation", lambda row: row.update(version=2**70) or 1, "a whole number from 1 to"),
        ("consultation", lambda row: row.update(is_sample="no") or 1, "true or false is expected"),
        ("consultation", lambda row: row.update(opens_at="2026-09-01") or 1, "a moment such as"),
        ("consultation", lambda row: row.update(contact_email="a@b@c") or 1, "one e-mail address"),
        ("framework", lambda row: row.update(source_url="javascript:alert(1)") or 1, "that begins with http"),
        ("framework", lambda row: row["themes"].append(dict(row["themes"][0])) or 1, "two have one number"),
        ("theme_link", lambda row: row.update(to=row["from"]) or 1, "it leads to where it comes from"),
        ("theme_link", lambda row: row.update(to=str(uuid.uuid4())) or 1, "no framework above has this theme"),
        ("question", lambda row: row.update(type="essay") or 1, "one of these is expected: open"),
        ("question", lambda row: row.update(media_min_s=200) or 1, "it is less than the shortest length"),
        ("sitting", lambda row: row.update(receipt_hash="z" * 64) or 1, "not the shape"),
        ("sitting", lambda row: row.update(id="1") or 1, "an id is expected"),
        ("sitting", lambda row: row.update(respondent=None) if row["respondent"] else None, ""),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_its_reason(
    unit: Unit, site: Site, code: str, kind: str, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    """S47."""
    if not told:
        change = _nameless
        told = "anonymous if and only if its sitting has no respondent"
    found = faults(changed(written(unit, site), kind, change))

    assert found
    assert told.lower() in found[0].lower()


def _nameless(row: dict[str, Any]) -> object:
    return None if row["respondent"] is None else (row.update(respondent=None) or 1)


def _in_response(wanted: Callable[[dict[str, Any]], bool], **new: Any) -> Callable[[dict[str, Any]], object]:
    def change(row: dict[str, Any]) -> object:
        for response in row["responses"]:
            if wanted(response):
                response.update(new)
                return 1
        return None

    return change


def _is(**values: Any) -> Callable[[dict[str, Any]], bool]:
    return lambda response: all(response[name] == value for name, value in values.items())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_in_response(_is(status="published"), consents=[]), "published without a consent that stands"),
        (_in_response(_is(status="withdrawn"), body_original="Back."), "no words are kept"),
        (_in_response(_is(body="They moved us out."), status="published"), "an answer to it goes nowhere"),
        (_in_response(_is(attribution="anonymous"), display_name="Gwen"), "no name may be shown"),
        (_in_response(_is(body="Not for you."), display_name="Una"), "no name may be shown"),
        (_in_response(_is(status="published"), held_for="links"), "what is held has a reason"),
        (_in_response(_is(body="Not for you."), body="Other words."), "neither the original nor one of its versions"),
        (_in_response(_is(body="Not for you."), body="", body_original=""), "nothing was said"),
        (_in_response(_is(body="Not for you."), question=9), "no question above has this number"),
        (_in_response(_is(body="Not for you."), question_version=9), "a whole number from 1 to 2"),
        (_in_response(_is(body="Not for you."), kind="comment"), "belong to events"),
        (_in_response(_is(body="Not for you."), depth=4), "a whole number from 0 to 3"),
        (_in_response(_is(kind="reply"), parent=str(uuid.uuid4())), "only a reply stands under a response"),
        (_in_response(_is(kind="reply"), depth=2), "a reply has the question and the root"),
        (_in_response(_is(kind="choice"), choices=[{"option": str(uuid.uuid4()), "other": None}]), "no such option"),
        (_in_response(_is(kind="choice"), choices=["Buses"]), "an object is expected"),
        (_in_response(_is(kind="choice"), language="../x"), "not the shape"),
    ],
)
def test_what_could_not_have_been_said_here_is_refused(
    unit: Unit, site: Site, code: str, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    """I10, I12, P2, P4, P13: a file gets round no rule."""
    found = faults(changed(written(unit, site), "sitting", change))

    assert found
    assert told in found[0]


def test_an_anonymous_consent_may_tell_the_day_alone(unit: Unit, site: Site, code: str) -> None:
    """P4."""

    def change(row: dict[str, Any]) -> object:
        for response in row["responses"]:
            if response["attribution"] == "anonymous" and response["consents"]:
                response["consents"][0]["given_at"] = "2026-09-01T09:00:01+00:00"
                return 1
        return None

    assert "the day alone is kept" in faults(changed(written(unit, site), "sitting", change))[0]


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"[]", b"1", b'"x"', b"\xff\xfe", b'{"is": "sitting", "is": "sitting"}', b'{"a": NaN}', b'{"a": 1.5}',
        b'{"a": ' * 20_000, b'{"is": "person"}', b'{"is": 4}', b"{}", b'{"is": "consultation"}', b"",
    ],
)  # fmt: skip
def test_a_strange_line_is_one_that_cannot_be_used(unit: Unit, site: Site, code: str, line: bytes) -> None:
    """S24, S47."""
    lines = written(unit, site, identities=False)

    assert len(faults([*lines, line + b"\n"])) == 1


@pytest.mark.parametrize("lines", [[], [b"hello"], [b"{}"], [b'{"format": "engage-consultation", "version": 2}']])
def test_another_file_is_none_of_ours(lines: Lines) -> None:
    with pytest.raises(NotOurFileError):
        check_file(iter(lines))


def test_a_file_that_contradicts_what_is_here_is_refused_whole(
    unit: Unit, site: Site, code: str, database: TestDatabase
) -> None:
    lines = written(unit, site)
    with unit() as session:
        session.execute(update(Question).where(Question.number == 2).values(number=90))
    with pytest.raises(ImportQuestionsDifferError, match="question 2 is not the one"):
        taken_in(unit, lines)
    database.empty()
    with unit():
        open_consultation()
    with pytest.raises(ImportAddressTakenError, match="levelling-up"):
        taken_in(unit, lines)
    database.empty()
    told = changed(lines, "privacy_notice", lambda row: row.update(body="We sell it all.") or 1)
    with pytest.raises(ImportNoticeDiffersError, match="says something else here"):
        taken_in(unit, told)
    with unit() as session:
        assert session.scalar(select(Response.id).limit(1)) is None
        assert session.scalar(select(PrivacyNotice.id).limit(1)) is not None
        consultations = session.scalars(select(Consultation.id)).all()
    assert consultations == []


def test_more_than_is_taken_in_at_once_is_refused(
    unit: Unit, site: Site, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_SITTINGS", 3)
    lines = written(unit, site)
    with pytest.raises(ImportTooLargeError, match="more than 3 sittings"):
        check_file(iter(lines))
