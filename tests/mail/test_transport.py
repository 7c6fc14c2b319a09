"""Real conversations with a mail server: taken, put off, refused, and cut off in the middle."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from engage.mail.transport import (
    LIVELY_S,
    LONGEST_WAIT,
    PermanentMailError,
    SmtpServer,
    SmtpTransport,
    TemporaryMailError,
)

SENDER = "bounce-7f3a@mail.example.org"
MAIL = b"Subject: Soup\r\n\r\nat ten\r\n.\r\n..two\r\n"


class Sink:
    """Takes mail, and answers what the test says."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.connections = 0
        self.to_recipient = "250 OK"
        self.to_data = "250 OK"
        self.cut_off = False
        self.pipelining = False

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return [*responses[:1], *(["250-PIPELINING"] if self.pipelining else []), *responses[1:]]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.cut_off:
            assert server.transport is not None
            server.transport.abort()
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.to_data.startswith("250"):
            self.taken.append(envelope)
        return self.to_data


class Listener:
    """A mail server for one test."""

    def __init__(self, port: int = 0) -> None:
        self.sink = Sink()
        self.port = port or free_port()
        self._controller = Controller(self.sink, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=[False, True], ids=["one by one", "pipelining"])
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    server = Listener()
    server.sink.pipelining = request.param
    yield server
    server.stop()


@pytest.fixture
def transport(listener: Listener) -> Iterator[SmtpTransport]:
    with SmtpTransport(SmtpServer("127.0.0.1", listener.port, timeout=5), local_hostname="test.invalid") as transport:
        yield transport


def test_a_mail_arrives_byte_for_byte_with_its_own_envelope(listener: Listener, transport: SmtpTransport) -> None:
    transport.send(SENDER, "cleo@example.com", MAIL)
    (envelope,) = listener.sink.taken
    assert (envelope.mail_from, envelope.rcpt_tos, envelope.content) == (SENDER, ["cleo@example.com"], MAIL)


def test_one_connection_carries_many_mails(listener: Listener, transport: SmtpTransport) -> None:
    for _ in range(3):
        transport.send(SENDER, "cleo@example.com", MAIL)
    assert len(listener.sink.taken) == 3
    assert listener.sink.connections == 1


def test_a_recipient_put_off_is_a_temporary_fault(listener: Listener, transport: SmtpTransport) -> None:
    listener.sink.to_recipient = "451 4.7.1 Greylisted, try later"
    with pytest.raises(TemporaryMailError, match=r"451 .* Greylisted"):
        transport.send(SENDER, "cleo@example.com", MAIL)


def test_a_recipient_refused_is_a_permanent_fault(listener: Listener, transport: SmtpTransport) -> None:
    listener.sink.to_recipient = "550 5.1.1 No such person"
    with pytest.raises(PermanentMailError, match=r"550 .* No such person"):
        transport.send(SENDER, "nobody@example.com", MAIL)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [("452 Disk full", TemporaryMailError), ("554 5.7.1 Looks like spam", PermanentMailError)],
)
def test_a_mail_refused_after_its_text_was_read(
    listener: Listener, transport: SmtpTransport, answer: str, fault: type[Exception]
) -> None:
    listener.sink.to_data = answer
    with pytest.raises(fault, match=answer[:3]):
        transport.send(SENDER, "cleo@example.com", MAIL)


def test_the_next_mail_goes_over_the_same_connection_after_a_refusal(
    listener: Listener, transport: SmtpTransport
) -> None:
    listener.sink.to_recipient = "550 No"
    with pytest.raises(PermanentMailError):
        transport.send(SENDER, "nobody@example.com", MAIL)
    listener.sink.to_recipient = "250 OK"
    transport.send(SENDER, "cleo@example.com", MAIL)
    assert [envelope.rcpt_tos for envelope in listener.sink.taken] == [["cleo@example.com"]]
    assert listener.sink.connections == 1


def test_a_server_that_says_goodbye_is_temporary_and_called_again(listener: Listener, transport: SmtpTransport) -> None:
    listener.sink.to_recipient = "421 Closing"
    with pytest.raises(TemporaryMailError):
        transport.send(SENDER, "cleo@example.com", MAIL)
    listener.sink.to_recipient = "250 OK"
    transport.send(SENDER, "cleo@example.com", MAIL)
    assert len(listener.sink.taken) == 1
    assert listener.sink.connections == 2


def test_a_connection_cut_off_is_a_temporary_fault_and_opened_again(
    listener: Listener, transport: SmtpTransport
) -> None:
    listener.sink.cut_off = True
    with pytest.raises(TemporaryMailError):
        transport.send(SENDER, "cleo@example.com", MAIL)
    listener.sink.cut_off = False
    transport.send(SENDER, "cleo@example.com", MAIL)
    assert len(listener.sink.taken) == 1


def test_a_server_that_can_is_told_sender_recipient_and_data_at_once() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        heard: list[bytes] = []
        talking = threading.Thread(target=_answer_three_at_once, args=(server, heard))
        talking.start()
        one = SmtpServer("127.0.0.1", server.getsockname()[1], timeout=5)
        with SmtpTransport(one, local_hostname="test.invalid") as transport:
            transport.send(SENDER, "cleo@example.com", MAIL)
        talking.join()
    sender, recipient, data, *text = heard
    assert sender == f"MAIL FROM:<{SENDER}>\r\n".encode()
    assert (recipient, data) == (b"RCPT TO:<cleo@example.com>\r\n", b"DATA\r\n")
    assert b"".join(text) == MAIL.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _answer_three_at_once(server: socket.socket, heard: list[bytes]) -> None:
    """Say nothing before all three commands are there: whoever waits in between waits for ever."""
    with closing(server.accept()[0]) as connection, connection.makefile("rwb") as talk:
        talk.write(b"220 here\r\n")
        talk.flush()
        talk.readline()
        talk.write(b"250-here\r\n250 PIPELINING\r\n")
        talk.flush()
        heard += [talk.readline() for _ in range(3)]
        talk.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        talk.flush()
        while heard[-1] != b".\r\n":
            heard.append(talk.readline())
        talk.write(b"250 taken\r\n")
        talk.flush()
        talk.readline()
        talk.write(b"221 bye\r\n")


@pytest.mark.parametrize("answers", [b"250 ok\r\n550 no\r\n354 go on\r\n", b"250 ok\r\n550 no\r\n503 no\r\n"])
def test_no_text_goes_to_a_server_that_took_no_recipient(answers: bytes) -> None:
    heard: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        talking = threading.Thread(target=_refuse, args=(server, answers, heard))
        talking.start()
        one = SmtpServer("127.0.0.1", server.getsockname()[1], timeout=5)
        transport = SmtpTransport(one, local_hostname="test.invalid")
        with transport, pytest.raises(PermanentMailError, match="550 no"):
            transport.send(SENDER, "nobody@example.com", MAIL)
        talking.join()
    assert heard == [*([b".\r\n"] if b"354" in answers else []), b"rset\r\n", b"quit\r\n"]


def _refuse(server: socket.socket, answers: bytes, heard: list[bytes]) -> None:
    with closing(server.accept()[0]) as connection, connection.makefile("rwb") as talk:
        talk.write(b"220 here\r\n")
        talk.flush()
        talk.readline()
        talk.write(b"250-here\r\n250 PIPELINING\r\n")
        talk.flush()
        for _ in range(3):
            talk.readline()
        talk.write(answers)
        talk.flush()
        while line := talk.readline():
            heard.append(line)
            talk.write(b"554 no recipients\r\n" if line == b".\r\n" else b"250 ok\r\n")
            talk.flush()


def test_a_connection_that_died_while_idle_costs_no_mail() -> None:
    first = Listener()
    with SmtpTransport(SmtpServer("127.0.0.1", first.port, timeout=5), local_hostname="test.invalid") as transport:
        transport.send(SENDER, "cleo@example.com", MAIL)
        first.stop()
        time.sleep(LIVELY_S)
        second = Listener(first.port)
        try:
            transport.send(SENDER, "dev@example.com", MAIL)
            assert [envelope.rcpt_tos for envelope in second.sink.taken] == [["dev@example.com"]]
        finally:
            second.stop()


def test_no_server_is_a_temporary_fault() -> None:
    with pytest.raises(TemporaryMailError, match="no connection"):
        SmtpTransport(SmtpServer("127.0.0.1", free_port(), timeout=1)).send(SENDER, "cleo@example.com", MAIL)


def test_a_server_that_never_answers_is_a_temporary_fault() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        taken: list[socket.socket] = []
        waiting = threading.Thread(target=lambda: taken.append(silent.accept()[0]))
        waiting.start()
        server = SmtpServer("127.0.0.1", silent.getsockname()[1], timeout=0.3)
        with pytest.raises(TemporaryMailError, match="no connection"):
            SmtpTransport(server, local_hostname="test.invalid").send(SENDER, "cleo@example.com", MAIL)
        waiting.join()
        taken[0].close()


@pytest.mark.parametrize(
    "address", ["a@b\r\nRCPT TO:<evil@example.org>", "a@b> <c@d", "cléo@example.com", "nobody", "", "a b@c.example"]
)
def test_an_address_that_could_end_a_command_never_reaches_the_server(
    listener: Listener, transport: SmtpTransport, address: str
) -> None:
    with pytest.raises(PermanentMailError):
        transport.send(SENDER, address, MAIL)
    with pytest.raises(PermanentMailError):
        transport.send(address, "cleo@example.com", MAIL)
    assert listener.sink.connections == 0


def test_a_server_is_read_from_its_address() -> None:
    server = SmtpServer.from_url("smtp://us%40er:p%2Fw@mail.example.org:587?starttls=1")
    assert server == SmtpServer("mail.example.org", 587, username="us@er", password="p/w", starttls=True)
    assert "p/w" not in repr(server)
    assert SmtpServer.from_url("smtps://mail.example.org") == SmtpServer("mail.example.org", 465, tls=True)
    assert SmtpServer.from_url("smtp://localhost").port == 25
    assert SmtpServer.from_url("smtp://localhost?timeout=600").timeout == LONGEST_WAIT


@pytest.mark.parametrize("url", ["", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://h:99999"])
def test_an_address_of_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        SmtpServer.from_url(url)
