"""The page about the site's mail: what DNS has to say, a test, what went wrong last; and mail that is signed once."""

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from engage import jobs
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.models import Job, JobState
from engage.mail.enums import MessageState
from engage.mail.models import Message
from engage.mail.services import SEND
from engage.mail.signing import Signer, public_record
from engage.mail.transport import TemporaryMailError
from tests.pages import Page
from tests.stage import Stage, Unit, set_stage

PAGE = "/organise/settings/mail"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def stage(app: Flask, unit: Unit) -> Stage:
    return set_stage(app, unit)


@pytest.fixture
def ada(stage: Stage) -> FlaskClient:
    return stage.client("administrator")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dkim") / "key.pem"
    command = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def _lines(client: FlaskClient) -> dict[str, str]:
    tree = Page.of(client.get(PAGE)).tree
    fields = [*tree.iter("input"), *tree.iter("textarea")]
    return {
        str(field.get("id")): field.get("value") or "".join(field.itertext()).strip()
        for field in fields
        if str(field.get("id")).startswith("dns-")
    }


def _press(client: FlaskClient) -> int:
    forms = Page.of(client.get(PAGE)).forms
    (form,) = [form for form in forms if form.action.endswith("/test")]
    return client.post(form.action, data=form.values).status_code


def test_the_page_has_the_lines_for_the_zone(ada: FlaskClient) -> None:
    lines = _lines(ada)

    assert lines["dns-spf"] == 'example.org. IN TXT "v=spf1 a:localhost ~all"'
    assert lines["dns-dmarc"] == '_dmarc.example.org. IN TXT "v=DMARC1; p=none"', "CONTACT_EMAIL is MAIL_FROM"
    page = ada.get(PAGE).text
    assert "in place of “a:localhost”" in page
    assert "mailed to nobody" not in page, "nobody reads replies"
    assert set(lines) == {"dns-spf", "dns-dmarc"}, "nobody reads replies and no key signs"


def test_with_a_key_and_replies_there_are_more_lines(make_app: Callable[..., Flask], unit: Unit, key: Path) -> None:
    app = make_app(DKIM_KEY=str(key), DKIM_SELECTOR="2027a", INBOUND_MAIL="stdin", SMTP_URL="smtp://relay.example.net")
    lines = _lines(set_stage(app, unit).client("administrator"))

    assert lines["dns-dkim"].startswith('2027a._domainkey.example.org. IN TXT "v=DKIM1; k=rsa; p=')
    assert lines["dns-mx"] == "example.org. IN MX 10 localhost."
    assert "a:relay.example.net" in lines["dns-spf"]


def test_where_replies_are_read_the_page_says_what_becomes_of_words_and_warns_of_a_domain_in_use(
    make_app: Callable[..., Flask], unit: Unit
) -> None:
    app = make_app(INBOUND_MAIL="stdin", BASE_URL="http://127.0.0.1:5000")
    ada = set_stage(app, unit).client("administrator")
    page, lines = ada.get(PAGE).text, _lines(ada)

    assert "dns-mx" not in lines, "an MX names no number"
    assert "There is no MX line" in page
    assert "in place of “ip4:127.0.0.1”" in page
    assert "What people write is mailed to nobody" in page
    assert "/organise/messages/received?kind=person" in page
    assert "Does example.org receive mail already?" in page


def test_where_somebody_else_is_asked_words_and_reports_go_to_them(make_app: Callable[..., Flask], unit: Unit) -> None:
    app = make_app(INBOUND_MAIL="stdin", CONTACT_EMAIL="help@example.net")
    ada = set_stage(app, unit).client("administrator")

    assert _lines(ada)["dns-dmarc"].endswith('"v=DMARC1; p=none; rua=mailto:help@example.net"')
    assert "mailed to nobody" not in ada.get(PAGE).text


def test_a_key_that_cannot_sign_is_said_on_the_page_and_stops_the_worker(
    make_app: Callable[..., Flask], unit: Unit, tmp_path: Path
) -> None:
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    app = make_app(DKIM_KEY=str(path))
    page = set_stage(app, unit).client("administrator").get(PAGE)

    assert page.status_code == 200
    assert "the file holds no RSA key in PEM" in page.text
    answer = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert answer.exit_code == 1
    assert "DKIM_KEY: the file holds no RSA key in PEM." in answer.output


def test_a_test_mail_goes_to_whoever_asks_and_the_page_says_what_became_of_it(
    ada: FlaskClient, unit: Unit, worker: Callable[..., int]
) -> None:
    assert _press(ada) == 303
    page = ada.get(PAGE).text
    assert "On its way" in page
    worker()
    assert "Handed over to the mail server" in ada.get(PAGE).text

    with unit() as session:
        message = session.scalars(select(Message).where(Message.kind == "mail_test")).one()
        assert (message.to_addr, message.subject) == ("ada@example.org", "A test mail from Engage")
        values = {"state": MessageState.BOUNCED, "last_error": "550 5.1.1 no such user"}
        session.execute(update(Message).where(Message.id == message.id).values(**values))
    page = ada.get(PAGE).text
    assert "Came back" in page
    assert "550 5.1.1 no such user" in page


def test_a_button_of_an_old_page_sends_nothing(ada: FlaskClient, unit: Unit) -> None:
    assert ada.post(f"{PAGE}/test").status_code == 403
    with unit() as session:
        assert session.scalars(select(Message).where(Message.kind == "mail_test")).all() == []


class _Moody:
    """A mail server that takes nothing at first."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        """Take it the second time."""
        self.seen.append(data)
        if len(self.seen) == 1:
            raise TemporaryMailError("451 come back later")


def test_a_mail_is_signed_once_and_each_attempt_sends_the_same_bytes(
    app: Flask, ada: FlaskClient, unit: Unit, worker: Callable[..., int], key: Path
) -> None:
    worker()  # what was written before
    _press(ada)
    server, site = _Moody(), app.extensions["engage"].site()
    signer = Signer.of_file(key, selector="engage", domain="example.org")
    runner = jobs.Runner(site, transport=server, sign=signer, name="signing", stopping=threading.Event())
    with app.app_context():
        runner.run_due(at=real_clock.now())
        due = db.session.scalar(select(func.max(Job.run_at)).where(Job.state == JobState.DUE, Job.name == SEND))
        db.session.rollback()
        runner.run_due(at=due)

    first, second = server.seen
    assert first == second
    record = public_record(key)
    assert dkim.verify(first, dnsfunc=lambda _name, timeout=5: record.encode())
