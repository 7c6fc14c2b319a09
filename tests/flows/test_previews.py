"""Mails looked at before they go: what they say is what is sent, nothing is stored, and no link opens anything."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from engage.edge import context
from engage.events.queries import get_event
from engage.flows.invariants import fingerprint
from engage.flows.previews import METHODS, PREVIEWED, preview_mail
from engage.mail.enums import MessageKind
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
PRIVATE = re.compile(r"http://localhost(/(?:bookings|join|unsubscribe|guests)/[^\s\"<]+)")


@pytest.fixture(autouse=True)
def lunch(clock: object, unit: Unit) -> None:
    with unit():
        make_event(slug="lunch", title="Soup <b>")


@pytest.mark.parametrize("kind", PREVIEWED)
def test_every_mail_can_be_looked_at_and_nothing_is_stored(app: Flask, client: FlaskClient, kind: MessageKind) -> None:
    with app.app_context():
        before = fingerprint()
        preview = preview_mail(kind, get_event("lunch"), site=context.site(), at=NOW)
        assert fingerprint() == before
    assert "Soup <b>" in preview.mail.text
    assert "Soup &lt;b&gt;" in preview.mail.html
    assert "Hello Robin Example," in preview.mail.text
    assert "<script" not in preview.mail.html
    for link in set(PRIVATE.findall(preview.mail.text + preview.mail.html)):
        assert client.get(link.replace("&amp;", "&"), follow_redirects=True).status_code == 404, link
    if kind in METHODS:
        assert str(Calendar.from_ical(preview.entry)["METHOD"]) == METHODS[kind]
    else:
        assert preview.entry == ""
