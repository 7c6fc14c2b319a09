"""An organiser ticks what a question is about; people find the questions about one mission."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.consultations.models import Consultation
from engage.consultations.services import change_theme, open_consultation, remove_theme
from engage.consultations.services.frameworks import ThemeDetails
from tests.consultations.makers import AT, ask, how, missions
from tests.pages import Form, Page, words_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
DESK = "/organise/consultations/river-plans/"
PUBLIC = "/consultations/river-plans/"


def _form(client: FlaskClient, address: str) -> Form:
    return next(form for form in Page(client.get(address)).forms if "version" in form.kinds)


@pytest.fixture
def themes(unit: Unit) -> dict[str, str]:
    """Make a published consultation with two questions; give the ids of its missions by title."""
    with unit():
        consultation, framework = missions()
        ask(consultation, "Who drives the bus?")
        open_consultation(consultation.id, at=AT, actor=None)
        return {theme.title: str(theme.id) for theme in framework.themes}


def _questions(app: Flask, query: str = "") -> list[str]:
    page = Page(app.test_client().get(PUBLIC + query))
    lists = [node for node in page.tree.iter("ol") if node.get("class") == "question-list"]
    return [words_of(heading) for heading in lists[0].iter("h3")]


def test_questions_about_one_mission_are_found_from_it(asha: FlaskClient, app: Flask, themes: dict[str, str]) -> None:
    form = _form(asha, f"{DESK}questions/2")
    assert form.kinds["themes"] == "checkbox"
    both = {**form.values, "themes": [themes["Transport"], themes["Work"]]}
    assert asha.post(f"{DESK}questions/2", data=both).status_code == 303
    assert _form(asha, f"{DESK}questions/2").values["themes"] == themes["Transport"], "it is ticked again"

    public = app.test_client().get(PUBLIC)
    assert f'href="{PUBLIC}?theme={themes["Transport"]}#questions"' in public.text
    assert Page(public).text.count("1 question about it") == 2
    assert _questions(app, f"?theme={themes['Transport']}") == ["Who drives the bus?"]
    assert "No question is about it." in app.test_client().get(f"{PUBLIC}?theme={themes['Housing']}").text
    assert "Questions about “Transport”" in app.test_client().get(f"{PUBLIC}?theme={themes['Transport']}").text
    assert len(_questions(app, "?theme=nothing")) == len(_questions(app)) == 2
    of_question = Page(app.test_client().get(f"{PUBLIC}questions/2/"))
    assert [words_of(node) for node in of_question.tree.iter("ul") if node.get("class", "").startswith("about")] == [
        "Work Transport"
    ]


def test_what_is_not_listed_is_refused_and_the_words_stay(
    asha: FlaskClient, unit: Unit, themes: dict[str, str]
) -> None:
    """S24, R35."""
    form = {**_form(asha, f"{DESK}questions/1").values, "text": "Typed by Asha"}
    for theme, status, sentence in (
        ("2", 422, "Choose from the list."),
        ("a9b7e6d0-0000-4000-8000-000000000000", 409, "is not listed any more"),
    ):
        refused = asha.post(f"{DESK}questions/1", data={**form, "themes": theme})
        assert refused.status_code == status
        assert sentence in refused.text
        assert "Typed by Asha" in refused.text
    assert "Typed by Asha" not in asha.get(DESK).text


def test_two_people_tick_and_both_choices_are_shown(asha: FlaskClient, unit: Unit, themes: dict[str, str]) -> None:
    """R11; what was taken out meanwhile is not offered again."""
    form = _form(asha, f"{DESK}questions/1").values
    asha.post(f"{DESK}questions/1", data={**form, "themes": themes["Work"]})
    stale = asha.post(f"{DESK}questions/1", data={**form, "themes": themes["Health"]})
    assert stale.status_code == 409
    words = Page(stale).text
    assert words.index("Two people changed") < words.index("Work") < words.index("Health") < words.index("Housing")

    with unit() as session:
        consultation = session.query(Consultation).one()
        [framework] = consultation.frameworks
        change_theme(framework.themes[0].id, ThemeDetails("Good work"), **how(consultation))
        remove_theme(framework.themes[3].id, **how(consultation))
    again = asha.post(f"{DESK}questions/1", data={**form, "themes": themes["Health"]})
    assert again.status_code == 409
    offered = [node.get("value") for node in Page(again).tree.iter("input") if node.get("name") == "themes"]
    assert themes["Health"] not in offered
    assert len(offered) == 3
