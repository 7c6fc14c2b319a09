"""Words for states and reasons, marked for translation: pages translate them where they show them."""

from engage.kernel.i18n import N_
from engage.responses.enums import (
    Channel,
    FlagReason,
    HoldReason,
    ModerationAction,
    ReasonCode,
    ResponseKind,
    SpamEngine,
    SpamVerdict,
)
from engage.responses.piles import Pile
from engage.responses.records import State
from engage.responses.search.facets import Medium

REASONS = {
    ReasonCode.OFF_TOPIC: N_("Not about this question or event"),
    ReasonCode.NAMES_SOMEBODY: N_("Names somebody who has not agreed to it"),
    ReasonCode.ABUSIVE: N_("Attacks a person or a group"),
    ReasonCode.SPAM: N_("Advertising"),
    ReasonCode.DUPLICATE: N_("The same person sent the same words before"),
    ReasonCode.OTHER: N_("Another reason, in the note"),
}
STATES = {
    State.WAITING: N_("Waiting to be read"),
    State.UNPUBLISHABLE: N_("Received; not for publication"),
    State.HELD: N_("Held back until a moderator has looked at it"),
    State.PUBLISHED: N_("Published"),
    State.REFUSED: N_("Not published"),
    State.WITHDRAWN: N_("Taken back"),
}
PILES = {
    Pile.TO_READ: N_("To read"),
    Pile.FLAGGED: N_("Flagged by readers"),
    Pile.HELD: N_("Held back"),
    Pile.UNPUBLISHABLE: N_("Not for publication"),
    Pile.PUBLISHED: N_("Published"),
    Pile.REFUSED: N_("Not published"),
    Pile.WITHDRAWN: N_("Taken back"),
    Pile.ALL: N_("All but those taken back"),
}
KINDS = {
    ResponseKind.ANSWER: N_("Answers in words"),
    ResponseKind.CHOICE: N_("Choices from a list"),
    ResponseKind.COMMENT: N_("Comments"),
    ResponseKind.REPLY: N_("Replies to comments"),
    ResponseKind.LIVE_QUESTION: N_("Questions to the speakers"),
}
CHANNELS = {
    Channel.WEB: N_("As an answer on the site"),
    Channel.EVENT: N_("At an event, or after it"),
    Channel.EMAIL: N_("By e-mail"),
    Channel.POST: N_("By post"),
    Channel.PHONE: N_("By phone"),
    Channel.IMPORT: N_("From a file"),
}
MEDIA = {
    Medium.TEXT: N_("In writing"),
    Medium.AUDIO: N_("By voice"),
    Medium.VIDEO: N_("On video"),
}
# Why a response is held, for moderators.
HELD_FOR = {
    HoldReason.FIRST: N_("The first of this author’s"),
    HoldReason.LINKS: N_("Holds a link"),
    HoldReason.WORDS: N_("Holds a word on your list"),
    HoldReason.SPAM: N_("Looks like advertising"),
    HoldReason.SPAM_CHECK_FAILED: N_("The check for advertising did not answer"),
    HoldReason.FLAGGED: N_("Flagged by readers"),
    HoldReason.EDITED: N_("Changed by its author after it was decided on"),
    HoldReason.MODERATOR: N_("A moderator wants another look"),
}
FLAGS = {
    FlagReason.SPAM: N_("It is advertising"),
    FlagReason.OFFENSIVE: N_("It attacks a person or a group"),
    FlagReason.OFF_TOPIC: N_("It is not about this question or event"),
    FlagReason.NAMES_SOMEBODY: N_("It names somebody who has not agreed to it"),
    FlagReason.OTHER: N_("Something else"),
}
ENGINES = {
    SpamEngine.HONEYPOT: N_("A field that people do not see was filled in"),
    SpamEngine.TIMING: N_("Sent within seconds of opening the form"),
    SpamEngine.LOCAL: N_("Like what moderators refused as advertising"),
    SpamEngine.AKISMET: N_("Akismet took it for advertising"),
}
UNSURE = {
    SpamVerdict.PROVISIONAL: N_("Akismet has not made up its mind"),
    SpamVerdict.ERROR: N_("Akismet could not be asked"),
}
# What was decided, as the list of decisions says it.
DECIDED = {
    ModerationAction.PUBLISH: N_("Published"),
    ModerationAction.REFUSE: N_("Not published"),
    ModerationAction.HOLD: N_("Held back"),
    ModerationAction.REDACT: N_("Shown in part"),
    ModerationAction.RESTORE: N_("The author’s words restored"),
}
