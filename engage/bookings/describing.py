"""What happened to a booking, in words: for the history that organisers read."""

from engage.audit.models import AuditEntry
from engage.bookings.enums import Freed
from engage.kernel.i18n import N_

SOMETHING = N_("Something was changed.")  # by an act that has no words yet: it is never left out
HAPPENED = {
    "visitor:booking:create": N_("Booked on the site."),
    "organiser:booking:create": N_("Added by an organiser."),
    "organiser:booking:invite-again": N_("An organiser had the mail about it sent again."),
    "organiser:booking:correct-address": N_("An organiser corrected the address, since mail did not arrive."),
    "organiser:message:send-again": N_("An organiser had a mail that failed sent again."),
    "organiser:booking:trust-address": N_("An organiser said that the address works."),
    "organiser:booking:remove": N_("Removed by an organiser."),
    "organiser:booking:cancel": N_("Ended, since the event was cancelled."),
    "attendee:booking:create": N_("Taken over from somebody who handed their place over."),
    "attendee:booking:change": N_("The holder changed details, guests or the number of places."),
    "attendee:booking:answer": N_("The holder changed answers to the questions of the booking form."),
    "attendee:booking:cancel": N_("The holder cancelled."),
    "attendee:booking:return": N_("The holder declined, then accepted in their calendar, and has the places again."),
    "attendee:reply:send": N_("Their calendar answered."),
    "system:message:bounce": N_("A mail came back: the address does not take it."),
    "system:message:delay": N_("A mail could not be delivered at once."),
    "attendee:booking:hand-over": N_("The holder handed the place over to somebody else."),
    "attendee:booking:erase": N_("The holder had name and address erased."),
    "attendee:booking:accept": N_("The holder took the offered place."),
    "attendee:booking:decline": N_("The holder declined the offered place."),
    "attendee:booking:leave": N_("The holder left the waiting list."),
    "attendee:booking:join": N_("The holder went in by the join link."),
    "attendee:booking:stop-reminders": N_("The holder stopped reminders."),
    "attendee:booking:start-reminders": N_("The holder switched reminders on again."),
    "system:message:drop": N_("A reminder or follow-up was not needed any more, and was not sent."),
    "attendee:booking:receive": N_("Given places by somebody who handed theirs over, and left the waiting list."),
    "guest:booking:leave": N_("A guest gave their place back."),
    "guest:booking:erase": N_("A guest wanted no more mails and had their details erased."),
    "guest:booking:join": N_("A guest went in by their own join link."),
    "visitor:booking:repeat": N_("Asked for again on the site, so the links were sent again."),
    "visitor:booking:find": N_("The links were asked for and sent again."),
    "system:booking:promote": N_("Moved up from the waiting list."),
    "system:booking:offer": N_("Offered a place for a limited time."),
    "system:booking:expire": N_("Ended without a place."),
}
BECAUSE = {
    Freed.CANCELLED: N_("A booking was cancelled."),
    Freed.DECLINED: N_("An offer was declined."),
    Freed.OFFER_EXPIRED: N_("An offer ran out."),
    Freed.CAPACITY_RAISED: N_("The event was given more places."),
    Freed.REMOVED: N_("An organiser removed a booking."),
    Freed.FEWER_PLACES: N_("A booking was reduced to fewer places."),
    Freed.GROUP_RELEASED: N_("Places of a group were released."),
}


def what_happened(entry: AuditEntry) -> str:
    """Return the sentence of an entry about a booking, to be translated."""
    if entry.act.endswith(":reply:send") and _outcome(entry) in BY_OTHERS:
        return BY_OTHERS[_outcome(entry)]
    return HAPPENED.get(entry.act, SOMETHING)


# An answer whose author is not who was invited, or perhaps is not.
BY_OTHERS = {
    "stranger": N_("Somebody else answered with this booking’s entry. Nothing was done."),
    "forged": N_("Somebody answered with this booking’s entry, perhaps in their name. Nothing was done."),
}
ANSWERED = {
    "ACCEPTED": N_("They accepted."),
    "TENTATIVE": N_("They may come."),
    "DECLINED": N_("They declined."),
    "DELEGATED": N_("They handed the invitation on."),
}
NOT_APPLIED = {
    "held": N_("It is held until they confirm that it is theirs."),
    "stale": N_("Nothing was done: a newer answer came before it."),
    "old time": N_("Nothing was done: it answers an old time."),
    "one instance": N_("Nothing was done: it is about one of a series."),
    "ended": N_("Nothing was done: the event is over, or the place was gone."),
    "too many": N_("Nothing was done: too many answers came on one day."),
}


def why(entry: AuditEntry) -> str | None:
    """Return the second sentence of an entry, to be translated, if there is one.

    It says why a place came free for somebody on the waiting list, or what a calendar answered and what was done.
    """
    if entry.act.endswith(":reply:send"):
        told = entry.after or {}
        if _outcome(entry) in BY_OTHERS:
            return None
        return NOT_APPLIED.get(_outcome(entry)) or ANSWERED.get(told.get("answer", ""))
    reason = (entry.after or {}).get("because")
    return BECAUSE[Freed(reason)] if reason in set(Freed) else None


def mail_of_stranger(entry: AuditEntry) -> str:
    """Return the id of the mail by which somebody who was not invited answered, "" if the entry is about no such."""
    return str((entry.after or {}).get("mail", "")) if _outcome(entry) == "stranger" else ""


def _outcome(entry: AuditEntry) -> str:
    return str((entry.after or {}).get("outcome", ""))
