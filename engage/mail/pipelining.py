"""One mail in two round trips: its sender, its recipient and DATA are written at once (RFC 2920)."""

import re
import smtplib
from contextlib import suppress

DONE, WILL_FORWARD, WAITS_FOR_TEXT, HANGS_UP = 250, 251, 354, 421
LEADING_DOT = re.compile(rb"(?m)^\.")
Reply = tuple[int, bytes]


def sendmail(connection: smtplib.SMTP, envelope_from: str, recipient: str, data: bytes) -> None:
    """Hand one mail over as `smtplib.SMTP.sendmail` does; sooner where the server says that it takes commands so.

    `data` ends each line with CRLF, and both addresses are plain ASCII without angle brackets.
    Raises what that raises: SMTPSenderRefused, SMTPRecipientsRefused, SMTPDataError, SMTPServerDisconnected, OSError.
    """
    connection.ehlo_or_helo_if_needed()
    if not connection.has_extn("pipelining"):
        connection.sendmail(envelope_from, [recipient], data)
        return
    size = f" SIZE={len(data)}" if connection.has_extn("size") else ""
    connection.send(f"MAIL FROM:<{envelope_from}>{size}\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
    sender, receiver, last = _three_replies(connection)
    is_wanted = sender[0] == DONE and receiver[0] in (DONE, WILL_FORWARD)
    if last[0] == WAITS_FOR_TEXT:  # it may ask for the text though it took no recipient (3.1), and then gets none
        connection.send(LEADING_DOT.sub(b"..", data) + b".\r\n" if is_wanted else b".\r\n")
        last = connection.getreply()
    if is_wanted and last[0] == DONE:
        return
    with suppress(smtplib.SMTPServerDisconnected):
        connection.rset()
    if sender[0] != DONE:
        raise smtplib.SMTPSenderRefused(*sender, envelope_from)
    if not is_wanted:
        raise smtplib.SMTPRecipientsRefused({recipient: receiver})
    raise smtplib.SMTPDataError(*last)


def _three_replies(connection: smtplib.SMTP) -> list[Reply]:
    """Read the answers to three commands; whoever hangs up after one of them says no more."""
    replies: list[Reply] = []
    while len(replies) < 3 and HANGS_UP not in (code for code, _ in replies):
        replies.append(connection.getreply())
    return [*replies, *[replies[-1]] * (3 - len(replies))]
