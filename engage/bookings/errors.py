"""Refusals."""

from engage.events.errors import EventFullError
from engage.kernel.errors import ConflictError, InvalidError, NotFoundError
from engage.kernel.i18n import N_


class BookingNotFoundError(NotFoundError):
    """No such booking, or a link that opens none."""

    message = N_("This link opens no booking. Look for the latest mail from us.")


class NameMissingError(InvalidError):
    """We greet people by name."""

    message = N_("Write your name.")
    field = "name"


class AddressInvalidError(InvalidError):
    """No mail could reach it."""

    message = N_("Write one e-mail address, such as name@example.org.")
    field = "email"


class BookingCancelledError(ConflictError):
    """The place was given back."""

    message = N_("This booking was cancelled. You can book again while there are places.")


class OfferOverError(ConflictError):
    """The time of an offer is up, or it was declined."""

    message = N_("This place is no longer kept for you. You can join the waiting list again.")


class HasPlaceError(ConflictError):
    """A place came while somebody was about to leave the list."""

    message = N_("A place came free for you in the meantime. If you cannot come, cancel the booking here.")


class TooLateToCancelError(ConflictError):
    """Nothing is left to cancel."""

    message = N_("The event is over, so there is nothing to cancel.")


class DoorsClosedError(ConflictError):
    """Too early to go in."""

    message = N_("The doors are not open yet.")


class OverError(ConflictError):
    """The event is over: a booking stays as it is."""

    message = N_("The event is over, so this cannot be changed any more.")


class OwnAddressError(InvalidError):
    """A place is handed over to somebody else."""

    message = N_("This is the address that the place is booked with. Write somebody else’s.")
    field = "email"


class StillNeededError(ConflictError):
    """The details of a booking are needed while it holds a place at a coming event."""

    message = N_("We need your name and address until the event is over. Cancel your booking first.")


class PlacesRangeError(InvalidError):
    """A booking has from one to a few places."""

    message = N_("Choose from 1 to {most} places.")
    field = "places"


class PartyTooLargeError(EventFullError):
    """Places are left, but not so many; how many may be the organiser's secret."""

    message = N_("There are not so many places left. Choose fewer places.")
    field = "places"


def no_room(left: int) -> EventFullError:
    """Return the refusal of a booking for more places than are left."""
    return PartyTooLargeError() if left > 0 else EventFullError()


class GuestsWithoutPlaceError(InvalidError):
    """More guests than places beside the holder's own."""

    message = N_(
        "You name more guests than you ask for places, and one place is your own. Choose {needed} places or name fewer."
    )
    field = "places"


class GuestAddressError(InvalidError):
    """No mail could reach a guest. `guest` counts from 1, as the rows of the form do."""

    message = N_("Write one e-mail address, such as name@example.org, or none.")

    def __init__(self, guest: int) -> None:
        super().__init__(f"guest-{guest}-email")


class GuestIsHolderError(GuestAddressError):
    """The holder's own address is not a guest's."""

    message = N_("This is your own address, and you have a place already. Write theirs, or none.")


class GuestTwiceError(GuestAddressError):
    """Two guests have one address."""

    message = N_("You gave this address to another guest already. Each guest has an address of their own, or none.")


class PartyChangedError(ConflictError):
    """A guest gave their place back, or the booking became smaller, while its page was open."""

    message = N_("Who comes with you changed while this page was open. Nothing was changed now: please look again.")


class WordChangedError(ConflictError):
    """Two organisers said different things of one person at once."""

    message = N_(
        "Somebody else said meanwhile whether some of these people came. What they said stands beside your choices "
        "below: look at both, and save again."
    )


class NotOverError(ConflictError):
    """Nobody has missed an event that is not over."""

    message = N_("The event is not over yet, so nobody has missed it.")


class NobodyKnownError(InvalidError):
    """A report in which nobody is who booked: that of another meeting."""

    message = N_("Nobody in this report has a place at the event, so nothing was stored. Is it of another meeting?")
    field = "file"


class VerdictError(InvalidError):
    """Something that no answer of the attendance form says."""

    message = N_("Choose one of the answers that the form offers for each person.")


class TooManyRemindersError(InvalidError):
    """People are reminded, not besieged."""

    message = N_("Choose at most {most} reminders.")
    field = "reminder-1-number"


class SameReminderError(InvalidError):
    """Two mails at one moment."""

    message = N_("Two reminders would be sent at the same time. Change one of them, or leave it empty.")
    field = "reminder-1-number"


class ReminderRangeError(InvalidError):
    """So early that nobody remembers, or so late that nobody reads it."""

    message = N_("Send a reminder from {minutes} minutes to {days} days before the start.")
    field = "reminder-1-number"


class FollowUpRangeError(InvalidError):
    """So late that nobody knows what it is about."""

    message = N_("Send what follows the event within {days} days of its end.")

    def __init__(self, kind: str, **values: object) -> None:
        """Name the field of the mail that it is about."""
        super().__init__(f"{kind}-number", **values)


class AccessNeedsTooLongError(InvalidError):
    """More words than somebody can act on."""

    message = N_("Please keep what you need to {most} characters. We write to you if we have a question.")
    field = "access_needs"


class AccessNeedNotFoundError(NotFoundError):
    """Nothing was asked for, or it was taken back or deleted."""

    message = N_("Nothing is asked for here any more: it was taken back, or its time is over.")


class StaleAccessNeedError(ConflictError):
    """The words changed, or somebody else answered, while this was open (R11)."""

    message = N_("This was changed while you had it open. Here is what it says now: please read it again.")


class PromiseTooLongError(InvalidError):
    """More words than a promise takes."""

    message = N_("Please keep what you promise to {most} characters.")
    field = "promised"


class KeptTooEarlyError(ConflictError):
    """Whether a promise was kept shows at the event."""

    message = N_("The event has not begun. Tick what was kept once it has.")


class PromiseMissingError(ConflictError):
    """Nothing was promised that could have been kept."""

    message = N_("Write what you promised first. Then it can be ticked as kept.")


class KnownAddressError(ConflictError):
    """An organiser adds somebody who has a place or waits for one. Organisers may know."""

    message = N_("This address has a booking already, with the reference {reference}.")
    field = "email"


class NotEnoughFreeError(ConflictError):
    """An organiser asks for more places than are free, and no waiting list is open."""

    message = N_(
        "Places asked for: {asked}. Places free: {free}. Nobody is booked. Raise the capacity of the event first."
    )
    field = "places"


class WouldWaitError(ConflictError):
    """The same while a waiting list is open: whether to wait is the organiser's to say."""

    message = N_("Places asked for: {asked}. Places free: {free}. Nobody is booked yet. Should they wait for a place?")
    field = "places"


class BookingEndedError(ConflictError):
    """It was cancelled, handed over or came to nothing."""

    message = N_("This booking has ended already.")


class OwnQuestionNotFoundError(NotFoundError):
    """Not on this event's booking form."""

    message = N_("We could not find that question of the booking form.")


class OwnQuestionTextError(InvalidError):
    """A question says something."""

    message = N_("Write the question.")
    field = "text"


class OwnQuestionTwiceError(ConflictError):
    """Sent twice, or asked twice: people would answer the same thing again."""

    message = N_("The booking form asks this already.")
    field = "text"


class OptionsError(InvalidError):
    """Neither a choice of one nor of a hundred, and each option is there once."""

    message = N_("Give from 2 to {most} different answers, one on each line, each of up to {longest} characters.")
    field = "options"


class TooManyQuestionsError(ConflictError):
    """A long form is not filled in."""

    message = N_("A booking form asks up to {most} questions. Remove one first.")


class OwnAnswersError(InvalidError):
    """An answer is missing, too long, or not one of those to choose from; nothing is booked."""

    message = N_("The questions changed while you were writing. Please look at them once more.")


class ImportChangedError(ConflictError):
    """What an import would do is not what its organiser was shown."""

    message = N_(
        "Bookings have changed since you looked, so nothing was imported. Look at the rows again, as they are now."
    )


class NobodyToImportError(ConflictError):
    """Nothing of a table can be booked."""

    message = N_("Nobody in this table can be booked, so nothing was imported.")


class LetterEmptyError(InvalidError):
    """A letter has a subject and a text."""

    message = N_("Write a subject and a text.")


class PlaceholderError(InvalidError):
    """Braces that we cannot fill in would reach people as they are."""

    message = N_("{unknown} is not something we can fill in here. You can use {known}.")


class LinkInSubjectError(InvalidError):
    """A subject is no place for a link."""

    message = N_("{name} is a link, which a subject cannot hold. Put it into the text.")
    field = "subject"


class NobodyToWriteToError(ConflictError):
    """A letter needs a reader."""

    message = N_("Nobody would get this letter, so it was not sent.")
    field = "segment"


class LetterNotFoundError(NotFoundError):
    """No such letter."""

    message = N_("We could not find that letter.")


class MailWaitsError(ConflictError):
    """One mail is enough."""

    message = N_("A mail about this booking waits to be sent already.")


class SameAddressError(InvalidError):
    """Nothing would be corrected."""

    message = N_("That is the address as it is now. Write the right one.")
    field = "email"


class AddressWorksError(ConflictError):
    """Mail arrives, so it would be somebody else's booking."""

    message = N_("Mail to the present address arrives, so it is not changed here. The holder can hand the place over.")


class AddressStillBadError(InvalidError):
    """The other address is no better."""

    message = N_("Mail to this address comes back as well. Write another one.")
    field = "email"
