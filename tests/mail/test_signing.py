"""DKIM: others can check our signatures by the line that we print for DNS (RFC 6376)."""

import base64
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from flask import Flask

from engage.mail.building import Mailbox, build_message
from engage.mail.identity import Purpose, dns_lines
from engage.mail.signing import BadKeyError, Signer, public_record, txt_line

DNS_NAME = b"engage._domainkey.invites.example.org."


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dkim") / "key.pem"
    path.write_bytes(_openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"))
    return path


def _openssl(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout


def _signer(key: Path) -> Signer:
    return Signer.of_file(key, selector="engage", domain="invites.example.org")


def _dns(record: str) -> Callable[..., bytes | None]:
    return lambda name, timeout=5: record.encode() if name == DNS_NAME else None


def _mail(**changes: str) -> bytes:
    values = {"subject": "New time: Rivers für alle", "text": "Hello.\n", "html": "<p>Hello.</p>", **changes}
    return build_message(
        sender=Mailbox("Kochschule", "kochschule@invites.example.org"),
        recipient=Mailbox("Jo Öztürk", "jo@example.com"),
        message_id="<i-1.0.moved@invites.example.org>",
        date=datetime(2027, 1, 10, 9, 0, tzinfo=UTC),
        in_reply_to="<i-1.0.invitation@invites.example.org>",
        unsubscribe_url="https://events.example.org/unsubscribe/AbC",
        **values,
    )


def test_a_signature_is_checked_by_the_record_that_we_print(key: Path) -> None:
    data = _mail()
    signed = _signer(key)(data)

    assert signed.endswith(data)
    assert dkim.verify(signed, dnsfunc=_dns(public_record(key)))
    assert max(map(len, signed.split(b"\r\n"))) <= 998
    public = _openssl("pkey", "-in", str(key), "-pubout", "-outform", "DER")
    assert public_record(key) == f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


@pytest.mark.parametrize(
    "header",
    [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"List-Unsubscribe",
        b"List-Unsubscribe-Post",
        b"MIME-Version",
    ],
)
def test_each_header_that_means_something_is_signed(key: Path, header: bytes) -> None:
    signed = _signer(key)(_mail())
    head, separator, body = signed.partition(b"\r\n\r\n")
    start = head.index(b"\r\n" + header + b": ") + len(header) + 4
    forged = head[:start] + b"x" + head[start:] + separator + body

    assert not dkim.verify(forged, dnsfunc=_dns(public_record(key)))


def test_a_changed_body_or_a_second_sender_breaks_the_signature(key: Path) -> None:
    signed = _signer(key)(_mail())
    record = _dns(public_record(key))

    assert not dkim.verify(signed.replace(b"Hello.", b"Bye."), dnsfunc=record)
    for added in ("From: evil@example.net", "Reply-To: evil@example.net", "Subject: Evil", "Content-Type: text/html"):
        assert not dkim.verify(added.encode() + b"\r\n" + signed, dnsfunc=record), added
    assert not dkim.verify(signed, dnsfunc=_dns("v=DKIM1; k=rsa; p="))


def test_a_key_that_cannot_sign_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    weak, nonsense = tmp_path / "weak.pem", tmp_path / "nonsense.pem"
    weak.write_bytes(_openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"))
    nonsense.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")

    with pytest.raises(BadKeyError, match="1024 bits"):
        _signer(weak)
    with pytest.raises(BadKeyError, match="no RSA key"):
        _signer(nonsense)
    with pytest.raises(BadKeyError, match="cannot be read"):
        _signer(tmp_path / "missing.pem")


def test_a_long_record_is_written_as_strings_that_dns_takes(key: Path) -> None:
    record = public_record(key)
    line = txt_line("engage._domainkey.example.org", record)
    strings = line.removeprefix("engage._domainkey.example.org. IN TXT ").strip('"').split('" "')

    assert "".join(strings) == record
    assert all(len(each) <= 255 for each in strings)


def test_the_lines_of_dns_go_by_from_and_by_the_envelope() -> None:
    lines = dns_lines(
        mail_from="hello@example.org",
        mail_domain="invites.example.org",
        contact_email="help@example.org",
        sending_host="smtp.example.net",
        receiving_host="events.example.org",
        dkim=("2027a", "v=DKIM1; k=rsa; p=AA"),
    )
    assert [line.zone_line for line in lines] == [
        'invites.example.org. IN TXT "v=spf1 a:smtp.example.net ~all"',
        '2027a._domainkey.example.org. IN TXT "v=DKIM1; k=rsa; p=AA"',
        '_dmarc.example.org. IN TXT "v=DMARC1; p=none; rua=mailto:help@example.org"',
        "invites.example.org. IN MX 10 events.example.org.",
    ]
    without = dns_lines(
        mail_from="hello@example.org",
        mail_domain="example.org",
        contact_email="help@example.org",
        sending_host="192.0.2.7",
        receiving_host=None,
        dkim=None,
    )
    assert [line.purpose for line in without] == [Purpose.SPF, Purpose.DMARC]
    assert without[0].value == "v=spf1 ip4:192.0.2.7 ~all"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_command_makes_a_key_once_for_its_owner_alone_and_prints_its_line(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "dkim.pem"
    runner = app.test_cli_runner()

    made = runner.invoke(args=["mail", "dkim-key", str(path)])
    again = runner.invoke(args=["mail", "dkim-key", str(path)])

    assert made.exit_code == again.exit_code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    line = txt_line("engage._domainkey.example.org", public_record(path))
    assert line in made.stdout
    assert line in again.stdout
    assert "1 key made" in made.output
    assert "There is a key already" in again.output
    assert b"PRIVATE" in path.read_bytes()
    assert "PRIVATE" not in made.output

    path.write_text("nothing")
    refused = runner.invoke(args=["mail", "dkim-key", str(path)])
    assert refused.exit_code == 1
    assert "holds no RSA key" in refused.output
