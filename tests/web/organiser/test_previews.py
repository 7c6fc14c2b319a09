"""The page on which an organiser looks at a mail, and the frame that may do nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import make_event
from tests.pages import Page, faults

Unit = Callable[[], AbstractContextManager[Session]]
MAILS = "/organise/events/lunch/mails"
pytestmark = pytest.mark.usefixtures("clock")


def test_a_mail_stands_there_as_text_and_in_a_frame_without_rights(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        make_event(slug="lunch", title="Soup")
    page = asha.get(f"{MAILS}/invitation")
    assert faults(page) == []
    for words in ("Invitation: Soup", "Hello Robin Example,", "An invitation, which stands at"):
        assert words in page.text
    frame = next(Page.of(page).tree.iter("iframe"))
    assert frame.get("sandbox") == ""
    assert frame.get("src") == f"{MAILS}/invitation/html"
    html = asha.get(f"{MAILS}/invitation/html")
    policy = {part.strip() for part in html.headers["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "sandbox", "form-action 'none'", "frame-ancestors 'self'"} <= policy
    assert "no-store" in html.headers["Cache-Control"]
    assert f"{MAILS}/reminder" in asha.get(MAILS).text
    for unknown in ("receipt", "nonsense", "letter"):
        assert asha.get(f"{MAILS}/{unknown}").status_code == 404
        assert asha.get(f"{MAILS}/{unknown}/html").status_code == 404
