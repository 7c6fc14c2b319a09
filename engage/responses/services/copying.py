"""Mailing people a copy of their own words."""

from datetime import datetime, timedelta

from sqlalchemy import select

from engage.accounts.models import Person
from engage.audit.services import record
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import check_mailed_proof, sha256_hex
from engage.mail.enums import MessageKind
from engage.mail.queries import count_to
from engage.responses.errors import CopyNotMailedError, ReceiptNotFoundError
from engage.responses.mails import queue_answers_copy
from engage.responses.models import RespondentIdentity, Submission

MOST_A_DAY = 3  # copies to one address (S31)


def copy_address(code: str, *, proof: str, site: Site) -> str | None:
    """Return where a copy of a sitting's words may be mailed; None if nowhere.

    A member's own address; else the one that was given, for whoever came by the mail that went there: nobody can
    have words of theirs mailed to somebody else. Of an anonymous sitting there is none (P2). Raises
    ReceiptNotFoundError.
    """
    identity = _identity(_submission(code))
    if identity is None:
        return None
    if identity.person_id is not None:
        person = db.session.get(Person, identity.person_id)
        return person.email if person is not None and person.disabled_at is None else None
    return identity.email if check_mailed_proof(site.link_secrets, proof, code) else None


def mail_copy(code: str, *, proof: str, locale: str, site: Site, at: datetime) -> None:
    """Mail the words of a sitting to whom they belong; after three copies in a day nothing happens.

    Raises ReceiptNotFoundError, CopyNotMailedError.
    """
    address = copy_address(code, proof=proof, site=site)
    if address is None:
        raise CopyNotMailedError
    if count_to(MessageKind.ANSWERS_COPY, address, since=at - timedelta(days=1)) >= MOST_A_DAY:
        return
    submission = _submission(code)
    queue_answers_copy(submission, to_addr=address, locale=locale, site=site, at=at)
    record("web:submission:copy", f"submission:{submission.id}", at=at)


def _submission(code: str) -> Submission:
    submission = db.session.scalar(select(Submission).where(Submission.receipt_hash == sha256_hex(code)))
    if submission is None:
        raise ReceiptNotFoundError
    return submission


def _identity(submission: Submission) -> RespondentIdentity | None:
    if submission.respondent_id is None:
        return None
    return db.session.scalar(
        select(RespondentIdentity).where(RespondentIdentity.respondent_id == submission.respondent_id)
    )
