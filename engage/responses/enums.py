"""Closed sets."""

from enum import StrEnum


class ResponseKind(StrEnum):
    """What a response is."""

    ANSWER = "answer"
    CHOICE = "choice"
    COMMENT = "comment"
    REPLY = "reply"
    LIVE_QUESTION = "live_question"


class Channel(StrEnum):
    """How a sitting came to us."""

    WEB = "web"
    EVENT = "event"
    EMAIL = "email"
    POST = "post"
    PHONE = "phone"
    IMPORT = "import"


class AnswerWay(StrEnum):
    """How an answer was given, as lists say it; PLAIN where it was only chosen, or is not to be said."""

    VIDEO = "video"
    AUDIO = "audio"
    POST = "post"
    PHONE = "phone"
    EMAIL = "email"
    WRITING = "writing"
    PLAIN = "plain"


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
    HELD = "held"
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
    OFFLINE = "offline"


class Purpose(StrEnum):
    """The uses of somebody's words; each is asked for by itself."""

    PUBLISH_SITE = "publish_site"
    QUOTE_REPORT = "quote_report"
    SHARE_GOVERNMENT = "share_government"
    SOCIAL_MEDIA = "social_media"
    MEDIA_VOICE = "media_voice"
    MEDIA_FACE = "media_face"


class ModerationAction(StrEnum):
    """What a moderator decided."""

    PUBLISH = "publish"
    REFUSE = "refuse"
    HOLD = "hold"
    REDACT = "redact"
    RESTORE = "restore"


class ReasonCode(StrEnum):
    """Why a response was refused."""

    OFF_TOPIC = "off_topic"
    NAMES_SOMEBODY = "names_somebody"
    ABUSIVE = "abusive"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    OTHER = "other"


class HoldReason(StrEnum):
    """Why a response is kept for a moderator's eyes though it could be shown at once."""

    FIRST = "first"
    LINKS = "links"
    WORDS = "words"
    SPAM = "spam"
    SPAM_CHECK_FAILED = "spam_check_failed"
    FLAGGED = "flagged"
    EDITED = "edited"
    MODERATOR = "moderator"


class VersionKind(StrEnum):
    """Why there is another version of somebody's words."""

    EDIT = "edit"
    REDACTION = "redaction"
    TRANSCRIPT = "transcript"
    TRANSLATION = "translation"


class VersionSource(StrEnum):
    """Who wrote a version: a machine's is never shown as anybody's words."""

    HUMAN = "human"
    MACHINE = "machine"


class Vote(StrEnum):
    """What somebody thinks of another's words; a question to the speakers is only voted up."""

    AGREE = "agree"
    DISAGREE = "disagree"
    PASS = "pass"  # noqa: S105 - no opinion
    UP = "up"
    NONE = "none"


class FlagReason(StrEnum):
    """Why a reader asks a moderator to look at something published."""

    SPAM = "spam"
    OFFENSIVE = "offensive"
    OFF_TOPIC = "off_topic"
    NAMES_SOMEBODY = "names_somebody"
    OTHER = "other"


class SpamEngine(StrEnum):
    """Who judged."""

    HONEYPOT = "honeypot"
    TIMING = "timing"
    LOCAL = "local"
    AKISMET = "akismet"


class SpamVerdict(StrEnum):
    """What was found. Nothing but a moderator refuses; ERROR is a judge who could not be asked."""

    HAM = "ham"
    SPAM = "spam"
    PROVISIONAL = "provisional"
    ERROR = "error"
