"""The ways in: a pipe, LMTP, a mailbox. A mail is acknowledged once it is stored, and applied once (5.1)."""

import imaplib
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from engage.commands.inbound import TRY_AGAIN
from engage.jobs.imap import Mailbox, MailboxError, collect
from engage.jobs.receiving import Receiving
from engage.kernel.errors import UnavailableError
from engage.mail.inbound.opening import LARGEST_MAIL
from tests.flows.calendars import CLEO, Desk, Unit
from tests.live_server import free_port
from tests.mail.inbound.clients import google, personal_mail

OURS = "engage@example.org"
PASSWORD = "four quiet herons"


@pytest.fixture
def desk(app: Flask, unit: Unit) -> Desk:
    desk = Desk(app, unit, app.extensions["engage"].site())
    desk.open()
    desk.book()
    return desk


def until(condition: Callable[[], object], *, seconds: float = 20) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@contextmanager
def receiving(
    desk: Desk, url: str, *, context: Callable[[], AbstractContextManager[object]] | None = None
) -> Iterator[None]:
    """Let mail come in by the way of an address."""
    stopping = threading.Event()
    way_in = Receiving(url, desk.site, context=context or desk.app.app_context, stopping=stopping)
    assert way_in.start()
    try:
        yield
    finally:
        stopping.set()
        way_in.wait(10)


@contextmanager
def lmtp(port: int) -> Iterator[smtplib.LMTP]:
    def opened() -> smtplib.LMTP | None:
        try:
            return smtplib.LMTP("127.0.0.1", port)
        except OSError:
            return None

    until(lambda: (door := opened()) is not None and door.close() is None)
    with smtplib.LMTP("127.0.0.1", port) as server:
        yield server


def declined(desk: Desk) -> bytes:
    return google(desk.says(partstat="DECLINED"))


def test_a_mail_on_standard_input_is_taken_in_once(desk: Desk) -> None:
    runner, raw = desk.app.test_cli_runner(), declined(desk)

    results = [runner.invoke(args=["inbound", "--to", OURS, "--from", CLEO], input=raw) for _ in range(2)]

    assert [(each.exit_code, each.output.splitlines()[-1]) for each in results] == [(0, "reply: applied")] * 2
    assert desk.status() == "cancelled"
    assert len(desk.log()) == 1
    assert desk.log()[0].envelope_to == OURS


def test_a_pipe_is_read_to_its_end_though_the_mail_is_too_large(desk: Desk) -> None:
    result = desk.app.test_cli_runner().invoke(args=["inbound"], input=personal_mail(text="x" * (3 * LARGEST_MAIL)))

    assert (result.exit_code, desk.log()[0].kind.value, desk.log()[0].raw) == (0, "refused", None)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_busy_database_asks_for_the_mail_again(desk: Desk, settings: Settings) -> None:
    raw, port = declined(desk), free_port()
    other = sqlite3.connect(settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert desk.app.test_cli_runner().invoke(args=["inbound"], input=raw).exit_code == TRY_AGAIN == 75
        with receiving(desk, f"lmtp://127.0.0.1:{port}"), lmtp(port) as server:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                server.sendmail(CLEO, [OURS], raw)
            assert refused.value.smtp_code == 451
            other.execute("ROLLBACK")
            assert server.sendmail(CLEO, [OURS], raw) == {}
    finally:
        other.close()
    assert desk.status() == "cancelled"


def test_lmtp_answers_for_each_mail_once_it_is_stored(desk: Desk) -> None:
    port = free_port()
    with receiving(desk, f"lmtp://127.0.0.1:{port}"), lmtp(port) as server:
        assert server.ehlo()[0] == 250
        assert server.sendmail(CLEO, [OURS], declined(desk)) == {}
        assert desk.status() == "cancelled"
        assert server.sendmail("", [OURS], personal_mail()) == {}

        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            server.sendmail(CLEO, [OURS], personal_mail(text="x\r\n" * LARGEST_MAIL))
        assert refused.value.smtp_code == 552
        assert server.sendmail(CLEO, [OURS], personal_mail(text="Hello")) == {}

    assert sorted((each.kind.value, each.envelope_to) for each in desk.log()) == [
        ("automatic", OURS),
        ("person", OURS),
        ("reply", OURS),
    ]


def test_lmtp_takes_one_recipient_at_a_time_and_speaks_no_smtp(desk: Desk) -> None:
    port = free_port()
    with receiving(desk, f"lmtp://127.0.0.1:{port}"), lmtp(port) as server:
        refused = server.sendmail(CLEO, [OURS, "bounce-1@example.org"], personal_mail())
        assert {address: code for address, (code, _) in refused.items()} == {"bounce-1@example.org": 452}
        assert server.docmd("EHLO", "x")[0] == 500


def test_a_second_worker_listens_when_the_first_has_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engage.jobs.receiving.TRY_AGAIN_S", 0.1)
    url = f"lmtp://127.0.0.1:{(port := free_port())}"
    stopping = threading.Event()
    first = Receiving(url, desk.site, context=desk.app.app_context, stopping=stopping)
    first.start()
    with lmtp(port):
        pass
    with receiving(desk, url):
        stopping.set()
        first.wait(10)
        with lmtp(port) as server:
            assert server.sendmail(CLEO, [OURS], declined(desk)) == {}
    assert desk.status() == "cancelled"


@pytest.fixture(scope="session")
def imap_port() -> Iterator[int]:
    """Run a real IMAP server; its one mailbox is empty."""
    port = free_port()
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "pymap"),
            *("--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "managesieve"),
            *("--no-service", "admin", "dict", "--demo-user", "engage", "--demo-password", PASSWORD),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:

        def answers() -> bool:
            try:
                imaplib.IMAP4("127.0.0.1", port).logout()
            except OSError:
                assert process.poll() is None, "the IMAP server did not start"
                return False
            return True

        until(answers)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def mailbox(imap_port: int) -> Iterator[Mailbox]:
    """Give the mailbox, empty."""
    yield Mailbox("127.0.0.1", imap_port, "engage", "INBOX", tls=False, password=PASSWORD)
    with opened(imap_port) as server:
        server.store("1:*", "+FLAGS", r"(\Deleted)")
        server.expunge()


@contextmanager
def opened(port: int) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", port) as server:
        server.login("engage", PASSWORD)
        server.select("INBOX")
        yield server


def put(port: int, *mails: bytes) -> None:
    with opened(port) as server:
        for raw in mails:
            server.append("INBOX", "", imaplib.Time2Internaldate(time.time()), raw)


def unread(port: int) -> int:
    with opened(port) as server:
        return len(server.search(None, "UNSEEN")[1][0].split())


def test_a_mail_of_a_mailbox_is_marked_once_it_is_stored(desk: Desk, mailbox: Mailbox) -> None:
    put(mailbox.port, declined(desk), personal_mail())
    seen: list[bytes] = []

    def busy(raw: bytes) -> None:
        seen.append(raw)
        if len(seen) == 2:
            raise UnavailableError

    with pytest.raises(UnavailableError):
        collect(mailbox, busy)

    assert seen == [declined(desk), personal_mail()]
    assert unread(mailbox.port) == 1
    assert collect(mailbox, seen.append) == 1
    assert (seen[2], unread(mailbox.port), collect(mailbox, seen.append)) == (personal_mail(), 0, 0)


def test_a_mailbox_is_looked_into_and_its_mails_applied(desk: Desk, mailbox: Mailbox) -> None:
    put(mailbox.port, declined(desk), declined(desk))

    with receiving(desk, f"imap://engage:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{mailbox.port}/INBOX"):
        until(lambda: unread(mailbox.port) == 0)

    assert desk.status() == "cancelled"
    assert len(desk.log()) == 1


def test_a_mailbox_is_looked_into_again_after_a_fault_that_nobody_foresaw(
    desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engage.jobs.receiving.LOOK_EVERY_S", 0.1)
    faults = [ValueError("nobody foresaw it"), LookupError("nor that")]
    put(mailbox.port, declined(desk))

    def context() -> AbstractContextManager[object]:
        if faults:
            raise faults.pop()
        return desk.app.app_context()

    url = f"imap://engage:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{mailbox.port}/INBOX"
    with receiving(desk, url, context=context):
        until(lambda: unread(mailbox.port) == 0)

    assert (desk.status(), faults) == ("cancelled", [])


def test_of_a_mail_that_is_too_large_only_as_much_is_fetched_as_shows_it(desk: Desk, mailbox: Mailbox) -> None:
    put(mailbox.port, personal_mail(text="x" * (2 * LARGEST_MAIL)))
    seen: list[bytes] = []

    collect(mailbox, seen.append)

    assert [len(each) for each in seen] == [LARGEST_MAIL + 1]


def test_a_wrong_password_is_a_fault_that_names_no_password(mailbox: Mailbox) -> None:
    wrong = Mailbox("127.0.0.1", mailbox.port, "engage", "INBOX", tls=False, password="hush")

    with pytest.raises(MailboxError) as fault:
        collect(wrong, lambda _: None)

    assert "hush" not in str(fault.value) + repr(wrong)


def test_an_address_of_a_mailbox_is_read_with_its_port_folder_and_password() -> None:
    assert Mailbox.from_url("imaps://us%40example.org:p%2Fq@mail.example.org/Replies%20in") == Mailbox(
        "mail.example.org", 993, "us@example.org", "Replies in", tls=True, password="p/q"
    )
    assert Mailbox.from_url("imap://u:p@127.0.0.1:1143").folder == "INBOX"
