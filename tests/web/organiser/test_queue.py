"""Looking for responses on the desk: by words, and by all that narrows a list."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.consultations.enums import FrameworkKind
from engage.consultations.models import Framework, Theme
from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from tests.factories import hidden, make_person, sign_in
from tests.responses.makers import answer, comment, event_about, open_consultation, publish_all

Unit = Callable[[], AbstractContextManager[Session]]
QUEUE = "/organise/responses/"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture
def said(unit: Unit, site: Site) -> None:
    """Two consultations, an event, and what was said: one answer is published, one came the day before."""
    with unit():
        moderator = make_person("mo@example.org", "moderator")
        first, second = open_consultation(), open_consultation("another")
        framework = Framework(kind=FrameworkKind.GOAL, title="The goals")
        theme = Theme(number=1, title="Warm homes")
        framework.themes.append(theme)
        first.frameworks.append(framework)
        first.questions[1].themes.append(theme)
        day_before = real_clock.now() - timedelta(days=1)
        publish_all(answer(first, site=site, answers={1: "Buses on Sundays."}), moderator=moderator)
        answer(first, site=site, answers={2: "Warm buses."}, at=day_before)
        answer(second, site=site, answers={1: "Fewer buses, more trains."})
        comment(event_about(first), site=site, body="The last bus leaves at six.")


@pytest.fixture
def moderator(said: None, client: FlaskClient) -> FlaskClient:
    """Mo's browser, signed in."""
    sign_in(client, "mo@example.org")
    return client


def listed(page: str) -> set[str]:
    """Return the words of what a page lists."""
    known = ("Buses on Sundays.", "Warm buses.", "Fewer buses, more trains.", "The last bus leaves at six.")
    return {words for words in known if f"{words}</p>" in page}


def find(client: FlaskClient, words: str, **typed: str) -> tuple[int, str]:
    """Search from the queue's page; return the status and the page."""
    found = client.post(QUEUE, data={**hidden(client.get(QUEUE)), "state": "all", "words": words, **typed})
    return found.status_code, found.text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("buses", {"Buses on Sundays.", "Warm buses.", "Fewer buses, more trains."}),
        ("bus*", {"Buses on Sundays.", "Warm buses.", "Fewer buses, more trains.", "The last bus leaves at six."}),
        ('"buses more"', {"Fewer buses, more trains."}),
        ("trains BUSES", {"Fewer buses, more trains."}),
        ("trams", set()),
        ('" OR 1=1 --" buses', set()),
    ],
)
def test_moderators_find_responses_by_words(moderator: FlaskClient, words: str, expected: set[str]) -> None:
    """S5: what is typed is words; it stays in its field, and in no address (P21)."""
    status, page = find(moderator, words)
    assert (status, listed(page)) == (200, expected)
    assert "/organise/responses/?words" not in page


def test_words_are_looked_for_in_one_list_alone_where_that_is_chosen(moderator: FlaskClient) -> None:
    assert listed(find(moderator, "buses", state="published")[1]) == {"Buses on Sundays."}
    assert listed(find(moderator, "buses", consultation="another")[1]) == {"Fewer buses, more trains."}
    assert listed(find(moderator, "buses", state="withdrawn")[1]) == set()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("state=all", {"Buses on Sundays.", "Warm buses.", "Fewer buses, more trains.", "The last bus leaves at six."}),
        ("", {"Warm buses.", "Fewer buses, more trains.", "The last bus leaves at six."}),
        ("kind=comment", {"The last bus leaves at six."}),
        ("channel=event", {"The last bus leaves at six."}),
        ("channel=post", set()),
        ("medium=audio", set()),
        ("medium=text&consultation=another", {"Fewer buses, more trains."}),
        ("language=cy", set()),
        ("until=2026-08-31", {"Warm buses."}),
        ("since=2026-09-01&until=2026-09-01&kind=answer", {"Fewer buses, more trains."}),
        ("consultation=levelling-up&question=2", {"Warm buses."}),
        ("consultation=levelling-up&question=9", {"Warm buses."}),  # no such question: all of them
        (
            "channel=nonsense&medium=x&language=xx&kind=zzz",
            {"Warm buses.", "Fewer buses, more trains.", "The last bus leaves at six."},
        ),
    ],
)
def test_the_queue_is_narrowed_by_what_an_address_says(moderator: FlaskClient, asked: str, expected: set[str]) -> None:
    found = moderator.get(f"{QUEUE}?{asked}")
    assert (found.status_code, listed(found.text)) == (200, expected)


def test_the_questions_about_a_theme_are_looked_through_together(moderator: FlaskClient) -> None:
    page = moderator.get(f"{QUEUE}?consultation=levelling-up").text
    [theme] = re.findall(r'<option value="([0-9a-f-]{36})">Warm homes', page)
    asked = f"{QUEUE}?consultation=levelling-up&state=all&theme={theme}"
    assert listed(moderator.get(asked).text) == {"Warm buses."}
    assert listed(moderator.get(f"{asked}&question=1").text) == set()
    assert listed(find(moderator, "buses", consultation="levelling-up", theme=theme)[1]) == {"Warm buses."}


def test_filters_without_words_become_an_address_that_can_be_kept(moderator: FlaskClient) -> None:
    sent = {**hidden(moderator.get(QUEUE)), "state": "published", "kind": "answer", "words": " "}
    answered = moderator.post(QUEUE, data=sent)
    assert (answered.status_code, answered.location) == (303, f"{QUEUE}?state=published&kind=answer")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"words": "***"}, "Write at least one word."),
        ({"words": "x" * 201}, "Please keep this to 200 characters."),
        ({"words": "bus", "since": "yesterday"}, "We could not read this day."),
        ({"words": "bus", "since": "2026-09-02", "until": "2026-09-01"}, "This day is before the first one."),
    ],
)
def test_what_cannot_be_looked_for_is_said_beside_its_field_and_stays(
    moderator: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    """S24, R35."""
    status, page = find(moderator, **typed)
    assert (status, sentence in page, listed(page)) == (422, True, set())
    assert all(f'value="{value}"' in page for value in typed.values())


def test_an_address_with_a_day_that_is_none_is_refused_with_a_sentence(moderator: FlaskClient) -> None:
    found = moderator.get(f"{QUEUE}?since=2026-02-31")
    assert (found.status_code, "We could not read this day." in found.text) == (422, True)


def test_a_long_list_of_found_words_has_pages_and_a_bound(
    unit: Unit, site: Site, moderator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engage.responses.moderation_queries.MOST_FOUND", 4)
    monkeypatch.setattr("engage.responses.moderation_queries.PAGE_LENGTH", 2)
    with unit():
        third = open_consultation("third")
        for number in range(5):
            answer(third, site=site, answers={1: f"Tram number {number}"})
    _, first = find(moderator, "tram")
    assert "More than 4 responses hold “tram”" in first
    form = first[first.index('name="page"') - 2000 : first.index('name="page"')]
    assert 'name="words" value="tram"' in form
    _, second = find(moderator, "tram", page="2")
    _, beyond = find(moderator, "tram", page="3")
    numbers = [set(re.findall(r"Tram number (\d)</p>", page)) for page in (first, second)]
    assert [len(each) for each in numbers] == [2, 2]
    assert not numbers[0] & numbers[1]
    assert set(re.findall(r"Tram number (\d)</p>", beyond)) == numbers[1]


def test_searching_too_often_is_refused_and_the_words_stay(
    make_app: Callable[..., Flask], moderator: FlaskClient
) -> None:
    """S31."""
    limited = make_app(LIMITS="search=1/min per account").test_client()
    sign_in(limited, "mo@example.org")
    assert find(limited, "buses")[0] == 200
    typed = {**hidden(limited.get(QUEUE)), "state": "all", "words": "warm"}
    refused = limited.post(QUEUE, data=typed)
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    assert 'value="warm"' in refused.text
