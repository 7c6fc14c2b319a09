"""Why mail was not taken, in plain words (RFC 5321 4.2.1, RFC 3463)."""

import pytest

from engage.mail import reasons
from engage.mail.reasons import plain_reason


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("550 5.1.1 <x@example.org>: user unknown", reasons.NO_MAILBOX),
        ("550 no such box", reasons.NO_MAILBOX),
        ("550 5.7.1 message rejected as spam", reasons.REFUSED),
        ("451 4.7.1 greylisted, try again later", reasons.LATER),
        ("451 try later", reasons.LATER),
        ("452 4.2.2 over quota", reasons.MAILBOX_FULL),
        ("552 5.3.4 message too big", reasons.TOO_LARGE),
        ("smtp; 550 5.1.2 host not found", reasons.NO_SERVER),
        ("5.2.1", reasons.MAILBOX_OFF),
        ("499 odd", reasons.LATER),
        ("599 odd", reasons.NOT_ACCEPTED),
        ("no connection to the mail server: ConnectionRefusedError", reasons.UNREACHABLE),
        ("no connection to the mail server: TimeoutError", reasons.SLOW),
        ("TimeoutError", reasons.SLOW),
        ("SMTPServerDisconnected", reasons.BROKEN_OFF),
        ("SMTP_URL is not set", reasons.NOT_SET),
        ("cannot be composed: KeyError", reasons.NOT_WRITTEN),
        ("not a mail address", reasons.NO_ADDRESS),
        ("535 5.7.8 authentication failed", reasons.REFUSED),
        ("", reasons.UNKNOWN),
        ("the box 12550 at 10.5.1.1.7", reasons.UNKNOWN),
    ],
)
def test_a_fault_is_said_in_plain_words(fault: str, sentence: str) -> None:
    assert plain_reason(fault) == sentence
