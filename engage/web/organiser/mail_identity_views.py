"""Who the site's mail is from: what DNS has to say, a test, and what went wrong last. For administrators."""

from urllib.parse import urlsplit

from flask import Response, flash
from flask_babel import gettext as _

from config import Settings
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import check_token, current_person
from engage.flows.mail_test import send_test_mail
from engage.kernel import clock
from engage.kernel.errors import NotFoundError
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.enums import MessageKind, MessageState
from engage.mail.identity import DnsLine, dns_lines, is_number
from engage.mail.queries import find_latest, latest_of_kind
from engage.mail.signing import BadKeyError, public_record
from engage.web.organiser.blueprint import bp

PAGE = "/organise/settings/mail"
TESTS_SHOWN = 3
SERVED_ELSEWHERE = ("imap", "imaps")  # the mailbox is another server's, which knows its own MX


@bp.get(PAGE)
@access("administrator")
def mail_identity() -> Response:
    """Show the identity of the site's mail, and the latest tests of whoever looks."""
    person = current_person()
    if person is None:
        raise NotFoundError
    settings = context.settings()
    record, key_fault = _key(settings)
    return show(
        "organiser/settings/mail.html",
        settings=settings,
        lines=_lines(settings, record),
        nameless=_receives(settings) and is_number(_host(settings)),
        receives=_receives(settings),
        unread=settings.inbound_mail is not None and settings.contact_email.lower() == settings.mail_from.lower(),
        key_fault=key_fault,
        tests=latest_of_kind(MessageKind.MAIL_TEST, person.id, limit=TESTS_SHOWN),
        last_bounce=find_latest(MessageState.BOUNCED),
        last_failure=find_latest(MessageState.FAILED),
        zone=settings.default_timezone,
    )


@bp.post(f"{PAGE}/test")
@access("administrator")
def send_test() -> Response:
    """Send a test mail to whoever presses the button."""
    check_token()
    person = current_person()
    if person is None:
        raise NotFoundError
    limits.check("mail-test", account=person.email)
    with unit_of_work():
        send_test_mail(
            person.id,
            address=person.email,
            name=person.name,
            locale=context.locale(),
            site=context.site(),
            at=clock.now(),
        )
    flash(_("A test mail to you is on its way. What becomes of it stands below: look again in a minute."))
    return see_other(f"{PAGE}#test")


def _key(settings: Settings) -> tuple[str | None, str]:
    """Return the record of our DKIM key, if we sign, and what is wrong with the key."""
    if settings.dkim_key is None:
        return None, ""
    try:
        return public_record(settings.dkim_key), ""
    except BadKeyError as error:
        return None, str(error)


def _lines(settings: Settings, record: str | None) -> list[DnsLine]:
    host = _host(settings)
    relay = urlsplit(settings.smtp_url).hostname if settings.smtp_url else None
    return dns_lines(
        mail_from=settings.mail_from,
        mail_domain=settings.mail_domain,
        contact_email=settings.contact_email,
        sending_host=relay if relay and relay not in {"localhost", "127.0.0.1", "::1"} else host,
        receiving_host=host if _receives(settings) else None,
        dkim=None if record is None else (settings.dkim_selector, record),
    )


def _host(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or "localhost"


def _receives(settings: Settings) -> bool:
    """Tell whether mail to the domain has to come to this host."""
    return settings.inbound_mail is not None and urlsplit(settings.inbound_mail).scheme not in SERVED_ELSEWHERE
