"""What happened to somebody in a line-up, in words: for the history that organisers read."""

from engage.audit.models import AuditEntry
from engage.events.enums import AppearanceStatus
from engage.kernel.i18n import N_

SOMETHING = N_("Something was changed.")  # by an act that has no words yet: it is never left out
HAPPENED = {
    "organiser:event:add-speaker": N_("Put in the line-up by an organiser."),
    "organiser:event:change-speaker": N_("Changed by an organiser."),
    "organiser:event:order-speakers": N_("Moved to another place in the line-up."),
    "organiser:event:remove-speaker": N_("Taken out of the line-up by an organiser."),
    "organiser:appearance:invite": N_("Invited by an organiser before the event was published."),
    "organiser:appearance:invite-again": N_("The invitation was sent again."),
    "organiser:appearance:erase": N_("The address was erased, with what they had written."),
    "system:appearance:invite": N_("Invited, since the event is published."),
    "speaker:appearance:join": N_("Went in by their own way in."),
    "system:message:drop": N_("A mail was not needed any more, and was not sent."),
}
ANSWERED = {
    AppearanceStatus.ACCEPTED: N_("They accepted."),
    AppearanceStatus.TENTATIVE: N_("They said that they are not sure."),
    AppearanceStatus.DECLINED: N_("They declined."),
}


def what_happened(entry: AuditEntry) -> str:
    """Return the sentence of an entry about somebody in a line-up, to be translated."""
    if entry.act == "speaker:appearance:answer":
        return ANSWERED.get(AppearanceStatus((entry.after or {}).get("status", "draft")), SOMETHING)
    return HAPPENED.get(entry.act, SOMETHING)
