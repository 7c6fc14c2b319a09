"""Words for states and reasons, marked for translation: pages translate them where they show them."""

from engage.kernel.i18n import N_
from engage.responses.enums import ReasonCode
from engage.responses.records import State

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
