"""Typing in what came by post, phone or e-mail, as it came and with the consent that was given there."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from engage.consultations.enums import ConsultationStatus
from engage.consultations.errors import ConsultationNotFoundError
from engage.consultations.models import Consultation
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.submission_keys import use_once
from engage.kernel.text import clean
from engage.kernel.tokens import receipt_code
from engage.kernel.when import date_in_words
from engage.responses.enums import Channel, IdentityBasis, Purpose
from engage.responses.errors import (
    AnonymousWithNameError,
    AnswersClosedError,
    AnswersNotOpenError,
    NotOnPaperError,
    NotReceivedThenError,
)
from engage.responses.services.answers import Answer
from engage.responses.services.receiving import pieces_of, store_answers
from engage.responses.services.senders import Naming, Sender, check_naming
from engage.responses.services.sittings import Paper, Sitting

ON_PAPER = (Channel.POST, Channel.PHONE, Channel.EMAIL)


def enter_answers(
    consultation_id: uuid.UUID,
    *,
    answers: Mapping[int, Answer | str],
    paper: Paper,
    naming: Naming,
    name: str | None,
    email: str | None,
    consents: frozenset[Purpose],
    wordings: Mapping[Purpose, str],
    key: str,
    language: str,
    site: Site,
    at: datetime,
) -> str:
    """Store one sitting that an organiser types in, also after the closing, and return its receipt code.

    `name` and `email` are the author's, as far as the paper says; the receipt is mailed where there is an address.
    An anonymous sitting says nobody, not who typed it either (P2). Raises ConsultationNotFoundError,
    AnswersNotOpenError, AnswersClosedError (it is withdrawn), NotOnPaperError, NotReceivedThenError, and what
    `pieces_of` and `check_naming` raise.
    """
    code = receipt_code(site.link_secrets, key)
    if use_once(key, at=at) is not None:
        return code
    consultation = _asking(consultation_id, at=at)
    if paper.channel not in ON_PAPER:
        raise NotOnPaperError
    first = consultation.opens_at.astimezone(UTC).date()
    if not first <= paper.received_on <= at.astimezone(UTC).date():
        raise NotReceivedThenError(first=date_in_words(first, language))
    pieces = pieces_of(consultation, answers, on_paper=True)
    if naming.is_anonymous and clean(name or ""):
        raise AnonymousWithNameError("name")
    naming, sender = check_naming(naming, Sender(IdentityBasis.OFFLINE, name=name, email=email))
    sitting = Sitting(naming, sender, consents, wordings, key, language, False, site, at, paper)
    store_answers(sitting, pieces, about=consultation)
    return code


def _asking(consultation_id: uuid.UUID, *, at: datetime) -> Consultation:
    consultation = db.session.get(Consultation, consultation_id)
    if consultation is None or consultation.status is ConsultationStatus.DRAFT:
        raise ConsultationNotFoundError
    if consultation.status is ConsultationStatus.WITHDRAWN:
        raise AnswersClosedError
    if at < consultation.opens_at:
        raise AnswersNotOpenError
    return consultation
