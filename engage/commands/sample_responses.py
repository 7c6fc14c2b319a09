"""The sample's invented responses, as rows of the one store."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, or_, select

from engage.accounts.models import Person
from engage.commands import sample_data as data
from engage.consultations.models import Consultation
from engage.consultations.services import lock_question
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.tokens import sha256_hex
from engage.responses.consents import WORDINGS
from engage.responses.enums import (
    Attribution,
    Channel,
    IdentityBasis,
    ModerationAction,
    Purpose,
    RespondentKind,
    ResponseKind,
    ResponseStatus,
)
from engage.responses.models import (
    Consent,
    ModerationDecision,
    PrivacyNotice,
    Respondent,
    RespondentIdentity,
    Response,
    Submission,
)


def add_responses(consultation: Consultation, past: Event, *, at: datetime) -> int:
    """Add every sample answer and comment. Returns how many."""
    notice = db.session.scalars(select(PrivacyNotice).order_by(PrivacyNotice.version.desc())).first()
    moderator = db.session.scalar(select(Person).where(Person.email == "mo@example.org"))
    if notice is None or moderator is None:
        raise RuntimeError("the sample needs the privacy notice that the migrations bring, and its people")
    numbers = {question.number: question.id for question in consultation.questions}
    for said, channel in [
        *((a, Channel.WEB) for a in data.ANSWERS),
        *((c, Channel.EVENT) for c in data.COMMENTS),
    ]:
        day = (at - timedelta(days=said.days_ago)).date()
        from_event = channel is Channel.EVENT
        submission = Submission(
            respondent_id=_respondent(said),
            consultation_id=None if from_event else consultation.id,
            event_id=past.id if from_event else None,
            receipt_hash=sha256_hex(secrets.token_hex(16)),
            channel=channel,
            is_sample=True,
        )
        response = Response(
            submission=submission,
            respondent_id=submission.respondent_id,
            kind=ResponseKind.COMMENT if from_event else ResponseKind.ANSWER,
            consultation_id=consultation.id if said.question else None,
            question_id=numbers.get(said.question),
            question_version=1 if said.question and not from_event else None,
            event_id=past.id if from_event else None,
            language="en",
            body_original=said.words,
            attribution=said.attribution,
            display_name=said.name,
            status=said.status,
            received_on=day,
        )
        response.agree(
            Consent(
                purpose=purpose,
                granted=said.publish and purpose in {Purpose.PUBLISH_SITE, Purpose.QUOTE_REPORT},
                notice_id=notice.id,
                wording_shown=WORDINGS[purpose],
                language="en",
                given_at=datetime.combine(day, time(), tzinfo=UTC),
            )
            for purpose in WORDINGS
        )
        db.session.add(submission)
        db.session.flush()
        if response.question_id is not None and not from_event:
            lock_question(response.question_id, at - timedelta(days=said.days_ago))
        if said.status is ResponseStatus.PUBLISHED:
            db.session.add(
                ModerationDecision(
                    response_id=response.id,
                    action=ModerationAction.PUBLISH,
                    moderator=moderator.id,
                    decided_at=at,
                )
            )
    db.session.flush()
    return len(data.ANSWERS) + len(data.COMMENTS)


def _respondent(said: data.SampleResponse) -> uuid.UUID | None:
    if said.attribution is Attribution.ANONYMOUS:
        return None
    organisation = said.name if said.attribution is Attribution.ORGANISATION else None
    respondent = Respondent(
        kind=RespondentKind.ORGANISATION if organisation else RespondentKind.INDIVIDUAL,
        organisation_name=organisation,
        identity_basis=IdentityBasis.GUEST,
    )
    db.session.add(respondent)
    db.session.flush()
    db.session.add(RespondentIdentity(respondent_id=respondent.id, name=said.name or "Sample person"))
    return respondent.id


def remove_responses(events: Sequence[Event], consultations: Sequence[Consultation], people: Sequence[Person]) -> None:
    """Delete every response about these events and consultations, and respondents left without one."""
    about = or_(
        Submission.event_id.in_([event.id for event in events]),
        Submission.consultation_id.in_([consultation.id for consultation in consultations]),
    )
    submissions = db.session.scalars(select(Submission.id).where(about)).all()
    responses = select(Response.id).where(Response.submission_id.in_(submissions))
    for table in (Consent, ModerationDecision):
        db.session.execute(delete(table).where(table.response_id.in_(responses)))
    db.session.execute(delete(Response).where(Response.submission_id.in_(submissions)))
    db.session.execute(delete(Submission).where(Submission.id.in_(submissions)))
    busy = select(Submission.respondent_id).where(Submission.respondent_id.is_not(None))
    person_ids = [person.id for person in people]
    alone = Respondent.id.not_in(busy)
    db.session.execute(delete(RespondentIdentity).where(RespondentIdentity.respondent_id.not_in(busy)))
    db.session.execute(delete(Respondent).where(alone))
    db.session.execute(delete(RespondentIdentity).where(RespondentIdentity.person_id.in_(person_ids)))
    db.session.execute(delete(ModerationDecision).where(ModerationDecision.moderator.in_(person_ids)))
