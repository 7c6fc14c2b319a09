"""Why a mail was not taken, in plain words: the other server's answer, read by its codes.

A reply begins with three digits (RFC 5321 4.2.1); many name the reason more exactly by three numbers with dots between
them (RFC 3463), which then count.
"""

import re

from engage.kernel.i18n import N_

REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
ENHANCED = re.compile(r"(?<![\d.])[45]\.(\d{1,3}\.\d{1,3})(?![\d.])")

NO_MAILBOX = N_("There is no such mailbox at their server. The address may be mistyped.")
MAILBOX_OFF = N_("Their mailbox is closed or does not take mail.")
MAILBOX_FULL = N_("Their mailbox is full.")
TOO_LARGE = N_("Their server finds the mail too large.")
NO_SERVER = N_("Nothing takes mail at the part of the address behind the @. It may be mistyped.")
REFUSED = N_("Their server refuses mail from us.")
LATER = N_("Their server asks us to come back later.")
NOT_ACCEPTED = N_("Their server did not accept the mail.")
UNREACHABLE = N_("Our mail server could not be reached.")
SLOW = N_("The mail server took too long to answer.")
BROKEN_OFF = N_("The connection to the mail server broke off.")
NO_SIGN_IN = N_("Our mail server does not accept our sign-in.")
NOT_SET = N_("This site has no mail server yet, so mail waits.")
NO_ADDRESS = N_("The address is not one that mail can be sent to.")
NOT_WRITTEN = N_("The mail could not be written. Tell whoever looks after this site.")
UNKNOWN = N_("The mail could not be handed over.")

BY_ENHANCED = {
    "1.0": NO_MAILBOX,
    "1.1": NO_MAILBOX,
    "1.2": NO_SERVER,
    "1.3": NO_ADDRESS,
    "1.6": MAILBOX_OFF,
    "1.10": NO_SERVER,
    "2.0": MAILBOX_OFF,
    "2.1": MAILBOX_OFF,
    "2.2": MAILBOX_FULL,
    "2.3": TOO_LARGE,
    "3.4": TOO_LARGE,
    "4.1": NO_SERVER,
    "4.4": NO_SERVER,
    "4.7": LATER,
}
BY_REPLY = {
    "421": LATER,
    "450": LATER,
    "451": LATER,
    "452": MAILBOX_FULL,
    "454": NO_SIGN_IN,
    "501": NO_ADDRESS,
    "530": NO_SIGN_IN,
    "534": NO_SIGN_IN,
    "535": NO_SIGN_IN,
    "550": NO_MAILBOX,
    "551": NO_MAILBOX,
    "552": MAILBOX_FULL,
    "553": NO_ADDRESS,
    "554": REFUSED,
}
# What we say ourselves when no server answered, by a part of it.
OWN_WORDS = (
    ("SMTP_URL", NOT_SET),
    ("cannot be composed", NOT_WRITTEN),
    ("not a mail address", NO_ADDRESS),
    ("Timeout", SLOW),
    ("timed out", SLOW),
    ("no connection", UNREACHABLE),
    ("Disconnected", BROKEN_OFF),
    ("ConnectionReset", BROKEN_OFF),
    ("BrokenPipe", BROKEN_OFF),
)


def plain_reason(fault: str) -> str:
    """Return a sentence, to be translated, for what a server answered or for why none did; never a server's words."""
    enhanced = ENHANCED.search(fault)
    if enhanced is not None:
        named = BY_ENHANCED.get(enhanced[1])
        if named is not None:
            return named
        if enhanced[1].startswith("7."):  # security and policy
            return LATER if enhanced[0].startswith("4") else REFUSED
    code = REPLY.search(fault)
    if code is not None and code[1] in BY_REPLY:
        return BY_REPLY[code[1]]
    own = next((sentence for part, sentence in OWN_WORDS if part in fault), None)
    if own is not None:
        return own
    if code is None:
        return UNKNOWN
    return LATER if code[1].startswith("4") else NOT_ACCEPTED
