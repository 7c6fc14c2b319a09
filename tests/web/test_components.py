"""Components by themselves: what they say to those who cannot see them; words of people stay words."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from jinja2 import StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, HiddenField, RadioField, SelectChoice, StringField
from wtforms.validators import AnyOf

from config import ROOT

NOON = datetime(2026, 10, 1, 12, 30, tzinfo=ZoneInfo("Europe/London"))


class Booking(Form):
    """A form with one field of each look."""

    key = HiddenField()
    email = StringField("Your e-mail address", [AnyOf(["a@example.org"], message="Write it with an @.")])
    naming = RadioField(
        "What name shall we show?",
        choices=[SelectChoice("named", "My name"), SelectChoice("none", "No name")],
    )
    publish = BooleanField("On this site")


@pytest.fixture
def app() -> Iterator[Flask]:
    """Give a bare app: components need nothing of ours but gettext."""
    app = Flask("components", root_path=str(ROOT))
    app.jinja_env.undefined = StrictUndefined
    Babel(app)
    with app.test_request_context():
        yield app


def render(file: str, call: str, **context: object) -> str:
    return render_template_string(f'{{% import "components/{file}.html" as parts %}}{{{{ parts.{call} }}}}', **context)


def refused(**typed: str) -> Booking:
    form = Booking(MultiDict(typed))
    form.validate()
    return form


@pytest.mark.usefixtures("app")
def test_field_that_was_refused_keeps_what_was_typed_and_names_its_hint_and_error() -> None:
    html = render("forms", "field(form.email, hint='For your link.')", form=refused(email="gwen.example"))

    assert 'value="gwen.example"' in html
    assert 'aria-describedby="email-hint email-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="email-hint"' in html
    assert 'id="email-error"' in html


@pytest.mark.usefixtures("app")
def test_field_without_hint_or_error_describes_nothing() -> None:
    html = render("forms", "field(form.email, autocomplete='email')", form=Booking())

    assert "aria-" not in html
    assert 'autocomplete="email"' in html


@pytest.mark.usefixtures("app")
def test_error_summary_links_each_problem_to_the_first_thing_that_can_mend_it() -> None:
    html = render("forms", "error_summary(form)", form=refused(email="x", naming="king"))

    assert "2 things need another look" in html
    assert 'href="#email"' in html
    assert 'href="#naming-0"' in html


@pytest.mark.usefixtures("app")
def test_error_summary_says_a_problem_of_the_whole_form_without_a_link() -> None:
    form = refused(email="a@example.org", naming="named")
    form.form_errors.append("Every place is taken.")

    html = render("forms", "error_summary(form)", form=form)

    assert "One thing needs another look" in html
    assert "<li>Every place is taken.</li>" in html


@pytest.mark.usefixtures("app")
def test_error_summary_of_a_good_form_is_nothing() -> None:
    assert render("forms", "error_summary(form)", form=refused(email="a@example.org", naming="named")) == ""


@pytest.mark.usefixtures("app")
def test_tick_sends_yes_and_is_not_ticked_for_anybody() -> None:
    html = render("forms", "tick(form.publish)", form=Booking())

    assert 'value="yes"' in html
    assert "checked" not in html


@pytest.mark.usefixtures("app")
def test_hidden_fields_are_the_hidden_ones_alone() -> None:
    html = render("forms", "hidden_fields(form)", form=Booking(data={"key": "k1"}))

    assert html == '<input id="key" name="key" type="hidden" value="k1">'


@pytest.mark.usefixtures("app")
def test_words_of_a_response_stay_words() -> None:
    html = render("responses", "response('<b>Hello</b>\\n\\nAgain', how='Answer in writing', name='<i>Al</i>')")

    assert "&lt;b&gt;Hello&lt;/b&gt;" in html
    assert "&lt;i&gt;Al&lt;/i&gt;" in html
    assert html.count('class="response-words"') == 2


@pytest.mark.usefixtures("app")
def test_date_tile_says_the_day_and_its_zone() -> None:
    html = render("marks", "date_tile(start)", start=NOON)

    assert 'datetime="2026-10-01T12:30+01:00"' in html
    assert "<span>Thursday</span> <span>1</span> <span>October</span>" in html


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ailbhe McNabola", "AM"), ("Cher", "C"), ("Siân Mary Ŵyn", "SŴ"), ("", "")],
)
def test_initials_are_of_the_first_and_the_last_name(name: str, letters: str) -> None:
    html = render("people", "initials(name)", name=name)

    assert html == f'<span class="initials" aria-hidden="true">{letters}</span>'
