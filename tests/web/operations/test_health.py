"""Whether the site is alive and ready, without telling what it is made of (R28, S33)."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.drawing import libraries
from engage.kernel import clock as the_clock
from engage.kernel.models import WorkerHeartbeat
from engage.mail.building import Mailbox, build_message
from engage.mail.enums import MessageKind
from engage.mail.models import Message

Unit = Callable[[], AbstractContextManager[Session]]


def test_the_site_is_alive(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_the_site_is_ready_while_its_worker_is(client: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        session.add(WorkerHeartbeat(name="one", at=the_clock.now()))

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {"database": "ok", "disk": "ok", "worker": "ok", "mail": "ok", "certificates": "ok"}


def test_a_system_without_the_libraries_for_certificates_is_ready_and_says_what_is_missing(
    client: FlaskClient, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "PACKAGES", {"no-such-library-1.0": "libno-such-1.0-0"})
    with unit() as session:
        session.add(WorkerHeartbeat(name="one", at=the_clock.now()))

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["certificates"] == "waiting for libno-such-1.0-0"


def test_a_silent_worker_is_not_ready(client: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        session.add(WorkerHeartbeat(name="one", at=the_clock.now() - timedelta(hours=1)))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["worker"] == "failing"


def test_the_mail_of_development_is_for_loopback_names_alone(make_app: Callable[..., Flask]) -> None:
    app = make_app(TRUSTED_HOSTS="engage.example")

    assert app.test_client().get("/dev/mail", base_url="http://localhost").status_code == 200
    assert app.test_client().get("/dev/mail", base_url="http://engage.example").status_code == 404


def test_a_mail_can_be_read_and_its_links_followed_without_a_mail_program(client: FlaskClient, unit: Unit) -> None:
    text = "Hello <b>Nia</b>,\n\nYour private way in:\nhttp://localhost/join/abc\n"
    mail = build_message(
        sender=Mailbox("Engage", "engage@example.org"),
        recipient=Mailbox("Nia", "nia@example.org"),
        subject="Invitation",
        text=text,
        html="<p>Hello</p>",
        message_id="<1@example.org>",
        date=the_clock.now(),
    )
    with unit() as session:
        session.add(
            Message(
                logical_key="one",
                kind=MessageKind.INVITATION,
                to_addr="nia@example.org",
                envelope_from="engage@example.org",
                locale="en",
                subject="Invitation",
                facts={},
                bytes=mail,
                message_id="<1@example.org>",
                about_type="booking",
                about_id=uuid.uuid4(),
                created_at=the_clock.now(),
            )
        )

    page = client.get("/dev/mail").text

    assert "Hello &lt;b&gt;Nia&lt;/b&gt;," in page
    assert '<a href="http://localhost/join/abc"' in page


def test_production_has_no_mail_page(make_app: Callable[..., Flask]) -> None:
    app = make_app(
        ENGAGE_ENV="production",
        SECRET_KEY="0123456789abcdef0123456789abcdef",
        LINK_SECRETS="fedcba9876543210fedcba9876543210",
        BASE_URL="http://localhost",
        LIMITS="book=60/min per address",
    )

    for path in ("/dev/mail", "/dev/mail.json", "/dev/mail/1.eml"):
        assert app.test_client().get(path).status_code == 404
