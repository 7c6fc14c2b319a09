"""Pages that visitors are given from the store: the same bytes, at once new, and never somebody else's."""

import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from engage.bookings.services import cancel_booking
from engage.edge import page_store
from engage.edge.page_store import PageStore
from engage.events.enums import AppearanceRole
from engage.events.models import Appearance, Event
from engage.events.queries import get_event, get_event_by_id
from engage.events.services import add_speaker, remove_speaker, set_questions, set_recording
from engage.flows.cancelling import cancel_event
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.responses.enums import ModerationAction, ReasonCode
from engage.responses.services import decide, withdraw
from tests.factories import make_booking, make_event
from tests.queries import statements_sent
from tests.stage import Stage, Unit, set_stage

pytestmark = pytest.mark.usefixtures("clock")
COMING, PAST, PLAIN = "/events/coming-event/", "/events/past-event/", "/events/plain/"
LEFT = re.compile(r'<b class="big-figure">(\d+)</b>')
KEY = re.compile(r'name="submission_key"[^>]*value="([^"]+)"')


@pytest.fixture
def stage(app: Flask, unit: Unit) -> Stage:
    """Give the cast on a stage with something of everything."""
    made = set_stage(app, unit)
    with unit():
        event = make_event(slug="plain")
        made.ids["plain"] = event.id
    return made


def fresh(client: FlaskClient, path: str) -> str:
    """Return the page as it is made now, by an address that is never stored."""
    return client.get(f"{path}?fresh=1").text


def test_a_page_that_did_not_change_costs_one_small_query(stage: Stage) -> None:
    client = stage.client()
    first = client.get(COMING)

    with statements_sent() as sent:
        again = client.get(COMING)

    assert sent == []  # the one query goes by the driver alone
    assert again.data == first.data
    assert again.text == fresh(client, COMING)
    assert _without_tag(again) == _without_tag(client.get(f"{COMING}?fresh=1"))


def _without_tag(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name not in {"ETag", "Date"}}


CHANGES: dict[str, Callable[[Stage], object]] = {
    "a booking": lambda stage: make_booking(_event(stage, "plain"), "new@example.org"),
    "a place given back": lambda stage: cancel_booking(
        stage.ids["coming booking"], site=stage.site, at=real_clock.now()
    ),
    "a speaker more": lambda stage: add_speaker(
        stage.ids["coming"], name="Rhys", role_title=None, organisation=None, role=AppearanceRole.SPEAKER, **_who(stage)
    ),
    "a speaker less": lambda stage: remove_speaker(
        stage.ids["coming"], appearance_id=_appearance(stage.ids["coming"]), **_who(stage)
    ),
    "no questions": lambda stage: set_questions(stage.ids["coming"], question_ids=[], **_who(stage)),
    "a recording": lambda stage: set_recording(
        stage.ids["past"], recording_url="https://video.example.org/7", **_who(stage)
    ),
    "cancelled": lambda stage: cancel_event(
        stage.ids["coming"], reason="The hall is flooded.", site=stage.site, **_who(stage)
    ),
    "a comment published": lambda stage: _decide(stage, "waiting", ModerationAction.PUBLISH),
    "a response refused": lambda stage: _decide(stage, "published", ModerationAction.REFUSE),
    "words taken back": lambda stage: withdraw(stage.tokens["receipt"], at=real_clock.now()),
}


def _event(stage: Stage, name: str) -> Event:
    return get_event_by_id(stage.ids[name])


def _who(stage: Stage) -> dict[str, object]:
    return {"at": real_clock.now(), "actor": stage.people["organiser"]}


def _appearance(event_id: uuid.UUID) -> uuid.UUID:
    of_event = select(Appearance.id).where(Appearance.event_id == event_id).order_by(Appearance.position)
    return db.session.scalars(of_event.limit(1)).one()


def _decide(stage: Stage, name: str, action: ModerationAction) -> None:
    decide(
        stage.ids[name],
        action=action,
        reason_code=ReasonCode.OFF_TOPIC if action is ModerationAction.REFUSE else None,
        moderator=stage.people["moderator"],
        at=real_clock.now(),
    )


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_on_the_page_with_its_commit(stage: Stage, unit: Unit, change: str) -> None:
    client = stage.client()
    before = {path: client.get(path) for path in (COMING, PAST, PLAIN)}

    with unit():
        CHANGES[change](stage)

    after = {path: client.get(path) for path in (COMING, PAST, PLAIN)}
    assert {path: page.text for path, page in after.items()} == {path: fresh(client, path) for path in after}
    changed = [path for path in before if before[path].data != after[path].data]
    assert len(changed) >= 1, "the change is on no page: it proves nothing"
    for path in before:
        known = client.get(path, headers={"If-None-Match": before[path].headers["ETag"]})
        assert known.status_code == (200 if path in changed else 304)


def test_what_a_rolled_back_change_would_have_shown_is_shown_nowhere(stage: Stage, unit: Unit) -> None:
    client = stage.client()
    before = client.get(COMING)

    with suppress(RuntimeError), unit():
        CHANGES["cancelled"](stage)
        raise RuntimeError

    assert client.get(COMING).data == before.data
    assert fresh(client, COMING) == before.text


def test_many_bookings_keep_the_page_and_fill_its_number(stage: Stage, unit: Unit) -> None:
    client = stage.client()
    before = client.get(PLAIN)
    with unit():
        make_booking(_event(stage, "plain"), "new@example.org")

    with statements_sent() as sent:
        after = client.get(PLAIN)

    assert sent == []
    assert int(LEFT.findall(after.text)[0]) == int(LEFT.findall(before.text)[0]) - 1


def test_an_etag_tells_no_number_that_the_page_hides(unit: Unit, client: FlaskClient) -> None:
    with unit():
        make_event(slug="quiet")
    path = "/events/quiet/booked?result=place"
    before = client.get(path)
    with unit():
        make_booking(get_event("quiet"))

    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})

    assert after.status_code == 304


def test_every_visitor_gets_a_form_with_a_key_of_their_own(stage: Stage) -> None:
    client = stage.client()
    pages = [client.get(f"{PLAIN}book") for _ in range(3)]

    keys = [KEY.findall(page.text) for page in pages]

    assert all(len(found) == 1 for found in keys)
    assert len({found[0] for found in keys}) == 3
    assert all("ETag" not in page.headers for page in pages)
    assert [int(page.headers["Content-Length"]) for page in pages] == [len(page.data) for page in pages]
    sent = client.post(f"{PLAIN}book", data={"name": "Gia", "email": "gia@example.org", "submission_key": keys[2][0]})
    assert sent.status_code == 303


def test_whoever_is_signed_in_gets_a_page_of_their_own_and_leaves_none(stage: Stage) -> None:
    member, visitor = stage.client("member"), stage.client()
    store: PageStore = stage.app.extensions[page_store.EXTENSION]
    store.clear()

    theirs = member.get(COMING)

    assert "My account" in theirs.text
    assert not store.pages
    assert "My account" not in visitor.get(COMING).text
    assert "My account" in member.get(COMING).text


def test_private_pages_are_never_stored(stage: Stage) -> None:
    store: PageStore = stage.app.extensions[page_store.EXTENSION]
    store.clear()
    client = stage.client()
    token, join, receipt = (stage.tokens[name] for name in ("coming booking", "coming join", "receipt"))

    for path in (f"/bookings/{token}/", f"/join/{join}", f"/receipts/{receipt}/"):
        assert client.get(path).status_code == 200

    assert not store.pages


def test_the_head_of_a_stored_page_is_the_head_of_the_page(stage: Stage) -> None:
    client = stage.client()
    page = client.get(COMING)

    head = client.head(COMING)

    assert head.data == b""
    assert (head.status_code, list(head.headers)) == (200, list(page.headers))


def test_a_language_has_its_own_page(stage: Stage) -> None:
    client = stage.client()

    plain, french, asked = (
        client.get(path, headers={"Accept-Language": accepted})
        for path, accepted in ((COMING, "en"), (COMING, "fr-FR,fr;q=0.9"), (f"{COMING}?lang=en", "cy"))
    )

    assert plain.text == french.text == asked.text  # English is all that is spoken without a catalogue


def test_strange_hosts_and_addresses_fill_no_store(stage: Stage) -> None:
    store: PageStore = stage.app.extensions[page_store.EXTENSION]
    store.clear()
    client = stage.client()

    client.get(COMING, headers={"Host": "evil.example.com"})
    for query in ("x=1", "lang=en&x=1", "lang=" + "e" * 500, "group=abc", "result=%00"):
        client.get(f"{COMING}?{query}")
    client.get("/events/nothing/")
    client.get("/events/draft-event/")

    assert not store.pages


def test_the_store_is_bounded_by_number_and_by_bytes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    store: PageStore = stage.app.extensions[page_store.EXTENSION]
    client = stage.client()
    for name, most in (("MOST_PAGES", 5), ("MOST_BYTES", 45_000)):
        store.clear()
        with monkeypatch.context() as patch:
            patch.setattr(page_store, name, most)

            for port in range(1, 12):
                client.get(COMING, headers={"Host": f"localhost:{port}"})

        assert 0 < len(store.pages) <= 5
        assert store.bytes == sum(page.size for page in store.pages.values()) <= page_store.MOST_BYTES
        assert list(store.pages)[-1][2] == "localhost:11"


def test_a_page_ends_with_its_day(stage: Stage, clock: time_machine.Traveller) -> None:
    client = stage.client()
    before = client.get(COMING)

    clock.shift(timedelta(days=1))

    assert client.get(COMING, headers={"If-None-Match": before.headers["ETag"]}).status_code == 200
