"""What must always be true of what people say: of the anonymous, of consents, of what was taken back."""

from collections.abc import Iterator

from sqlalchemy import and_, exists, or_, select

from engage.kernel.db import db
from engage.mail.models import Message
from engage.media.enums import MediaState
from engage.media.models import MediaAsset
from engage.responses.enums import Attribution, Purpose, ResponseStatus
from engage.responses.models import Consent, Flag, Reaction, Respondent, Response, ResponseSearch, Submission


def anonymous_people_stay_unknown() -> Iterator[str]:
    """I10: an anonymous response holds no respondent and no name, and no mail was written about its sitting."""
    anonymous = Response.attribution == Attribution.ANONYMOUS
    known = or_(Response.respondent_id.is_not(None), Response.display_name.is_not(None))
    for response_id in db.session.scalars(select(Response.id).where(anonymous, known)):
        yield f"response {response_id}: anonymous, and says who"
    mailed = (
        select(Submission.id)
        .join(Response, Response.submission_id == Submission.id)
        .join(Message, and_(Message.about_type == "submission", Message.about_id == Submission.id))
        .where(anonymous)
    )
    for submission_id in db.session.scalars(mailed.distinct()):
        yield f"submission {submission_id}: anonymous, and a mail was written about it"


def nothing_joins_the_anonymous() -> Iterator[str]:
    """I11: no sitting of an anonymous response has a respondent, and no respondent shares its id."""
    anonymous = Response.attribution == Attribution.ANONYMOUS
    joined = (
        select(Submission.id)
        .join(Response, Response.submission_id == Submission.id)
        .where(anonymous, Submission.respondent_id.is_not(None))
    )
    for submission_id in db.session.scalars(joined.distinct()):
        yield f"submission {submission_id}: anonymous, and has a respondent"
    shared = select(Response.id).where(anonymous, exists().where(Respondent.id == Response.id))
    for response_id in db.session.scalars(shared):
        yield f"response {response_id}: anonymous, and shares an id with a respondent"


def published_with_consent() -> Iterator[str]:
    """I12: what is published was allowed to be, and was not withdrawn."""
    allowed = exists().where(
        Consent.response_id == Response.id,
        Consent.purpose == Purpose.PUBLISH_SITE,
        Consent.granted.is_(True),
        Consent.withdrawn_at.is_(None),
    )
    withdrawn = exists().where(Submission.id == Response.submission_id, Submission.withdrawn_on.is_not(None))
    wrong = select(Response.id).where(Response.status == ResponseStatus.PUBLISHED, or_(~allowed, withdrawn))
    for response_id in db.session.scalars(wrong):
        yield f"response {response_id}: published without a standing consent"
    for response_id in db.session.scalars(select(Response.id).where(Response.may_publish != allowed)):
        yield f"response {response_id}: it does not keep whether its author agreed to publication"


def nothing_stays_of_what_was_taken_back() -> Iterator[str]:
    """P13, rule 7: of withdrawn words no use stands, no recording, no place in the index, and nobody's vote or flag."""
    kept = {
        "a consent that stands": exists().where(
            Consent.response_id == Response.id, Consent.granted.is_(True), Consent.withdrawn_at.is_(None)
        ),
        "a recording": exists().where(MediaAsset.id == Response.media_id, MediaAsset.state != MediaState.GONE),
        "a place in the index for searching": exists().where(ResponseSearch.response_id == Response.id),
        "votes": exists().where(Reaction.response_id == Response.id),
        "flags": exists().where(Flag.response_id == Response.id),
    }
    for what, condition in kept.items():
        wrong = select(Response.id).where(Response.status == ResponseStatus.WITHDRAWN, condition)
        for response_id in db.session.scalars(wrong):
            yield f"response {response_id}: taken back, and has {what}"
