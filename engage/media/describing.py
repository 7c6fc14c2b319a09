"""Words for what became of recordings, marked for translation."""

from engage.kernel.i18n import N_
from engage.media.enums import Refusal

WHY_REFUSED = {
    Refusal.UNREADABLE: N_(
        "We could not read the file as a recording. Nothing of it is kept."
        " You can record it again, or send another file."
    ),
    Refusal.TOO_SHORT: N_(
        "The recording is shorter than was asked for. Nothing of it is kept."
        " You can record a longer one and send it again."
    ),
    Refusal.TOO_LONG: N_(
        "The recording is longer than was asked for. Nothing of it is kept."
        " You can record a shorter one and send it again."
    ),
    Refusal.CUT_OFF: N_(
        "The file ends before the recording does: a part got lost on the way. Nothing of it is kept."
        " You can send it again."
    ),
    Refusal.TOO_HARD: N_(
        "It would take us too long to make the recording ready for every browser. Nothing of it is kept."
        " You can record it again in a smaller size."
    ),
}
