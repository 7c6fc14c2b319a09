"""Closed sets."""

from enum import StrEnum


class ResponseKind(StrEnum):
    """What a response is."""

    ANSWER = "answer"
    COMMENT = "comment"


class Channel(StrEnum):
    """How a sitting came to us."""

    WEB = "web"
    EVENT = "event"


class Attribution(StrEnum):
    """The five ways of being named. ANONYMOUS: no link exists. NOT_PUBLISHED: we know and do not say."""

    NAMED = "named"
    ORGANISATION = "organisation"
    PSEUDONYM = "pseudonym"
    NOT_PUBLISHED = "not_published"
    ANONYMOUS = "anonymous"


class ResponseStatus(StrEnum):
    """Where a response is."""

    RECEIVED = "received"
    PUBLISHED = "published"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RespondentKind(StrEnum):
    """Who responds."""

    INDIVIDUAL = "individual"
    ORGANISATION = "organisation"


class IdentityBasis(StrEnum):
    """How we know a respondent."""

    MEMBER = "member"
    BOOKING = "booking"
    GUEST = "guest"


class Purpose(StrEnum):
    """The uses of somebody's words; each is asked for by itself."""

    PUBLISH_SITE = "publish_site"
    QUOTE_REPORT = "quote_report"
    SHARE_GOVERNMENT = "share_government"
    SOCIAL_MEDIA = "social_media"


class ModerationAction(StrEnum):
    """What a moderator decided."""

    PUBLISH = "publish"
    REFUSE = "refuse"


class ReasonCode(StrEnum):
    """Why a response was refused."""

    OFF_TOPIC = "off_topic"
    NAMES_SOMEBODY = "names_somebody"
    ABUSIVE = "abusive"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    OTHER = "other"
