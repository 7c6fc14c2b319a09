"""The organisation's own words, under what somebody said."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key, receipt_code, sha256_hex
from engage.responses.consents import wordings
from engage.responses.enums import (
    Attribution,
    Channel,
    IdentityBasis,
    Purpose,
    RespondentKind,
    ResponseKind,
    ResponseStatus,
)
from engage.responses.errors import NothingWrittenError
from engage.responses.mails import queue_replied
from engage.responses.models import Consent, Respondent, Response, Submission
from engage.responses.queries import current_notice
from engage.responses.services.commenting import find_parent
from engage.responses.services.sittings import body_of


def reply_as_organisation(
    response_id: uuid.UUID, *, body: str, language: str, site: Site, at: datetime, actor: uuid.UUID
) -> tuple[Response, bool]:
    """Publish the organisation's reply under a response that everybody can read, and tell its author if they can be.

    Returns the reply, and whether its author is told: nobody can be who gave no address, as anonymous people do (P2).
    It carries the organisation's name, never that of whoever wrote it; that is kept with the sitting. The same words
    again under the same response are the same reply (R8). Raises NothingWrittenError, TooLongError,
    NothingToReplyToError, TooDeepError.
    """
    words = body_of(body, field="body")
    if not words:
        raise NothingWrittenError("body")
    parent = find_parent(response_id)
    same = _said_before(parent, words)
    if same is not None:
        return same, False
    reply = Response(
        respondent_id=_ourselves(site).id,
        kind=ResponseKind.REPLY,
        consultation_id=parent.consultation_id,
        question_id=parent.question_id,
        event_id=parent.event_id,
        parent_id=parent.id,
        root_id=parent.root_id or parent.id,
        depth=parent.depth + 1,
        by_organisation=True,
        language=language,
        body_original=words,
        attribution=Attribution.ORGANISATION,
        display_name=site.organisation_name,
        status=ResponseStatus.PUBLISHED,
        received_on=at.astimezone(UTC).date(),
        consents=[_agreed(language, at=at)],
        may_publish=True,
    )
    code = receipt_code(site.link_secrets, new_submission_key(site.link_secrets, at))
    submission = Submission(
        respondent_id=reply.respondent_id,
        consultation_id=None if parent.event_id else parent.consultation_id,
        event_id=parent.event_id,
        entered_by=actor,
        receipt_hash=sha256_hex(code),
        channel=Channel.EVENT if parent.event_id else Channel.WEB,
        is_sample=parent.submission.is_sample,
        responses=[reply],
    )
    db.session.add(submission)
    db.session.flush()
    record(
        "organiser:response:reply",
        f"response:{reply.id}",
        at=at,
        actor=actor,
        after={"parent": None if parent.respondent_id is None else str(parent.id)},
    )
    return reply, queue_replied(parent, reply, site=site, at=at)


def _said_before(parent: Response, words: str) -> Response | None:
    return db.session.scalar(
        select(Response).where(
            Response.parent_id == parent.id,
            Response.by_organisation,
            Response.body_original == words,
            Response.status == ResponseStatus.PUBLISHED,
        )
    )


def _ourselves(site: Site) -> Respondent:
    """Return the respondent that the organisation is; it stands in no count of respondents."""
    known = db.session.scalar(
        select(Respondent)
        .join(Response, Response.respondent_id == Respondent.id)
        .where(Response.by_organisation)
        .limit(1)
    )
    if known is not None:
        return known
    ourselves = Respondent(
        kind=RespondentKind.ORGANISATION,
        organisation_name=site.organisation_name,
        identity_basis=IdentityBasis.MEMBER,
    )
    db.session.add(ourselves)
    db.session.flush()
    return ourselves


def _agreed(language: str, *, at: datetime) -> Consent:
    """Return that our own words may be shown: nothing is public without it (I12)."""
    purpose = Purpose.PUBLISH_SITE
    return Consent(
        purpose=purpose,
        granted=True,
        notice_id=current_notice(language, at=at).id,
        wording_shown=wordings(language)[purpose],
        language=language,
        given_at=at,
    )
