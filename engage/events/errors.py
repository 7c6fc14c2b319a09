"""Refusals."""

from engage.kernel.errors import ConflictError, InvalidError, NotFoundError
from engage.kernel.i18n import N_


class EventNotFoundError(NotFoundError):
    """No such event, or none that the asker may see."""

    message = N_("We could not find that event.")


class TitleMissingError(InvalidError):
    """An event needs a title."""

    message = N_("Give the event a title.")
    field = "title"


class SlugTakenError(ConflictError):
    """Another event has that address."""

    message = N_("Another event has the address “{slug}” already. Choose another.")
    field = "slug"


class SlugShapeError(InvalidError):
    """An address that would not work in a link."""

    message = N_("An address is made of small letters, digits and single hyphens, such as spring-webinar.")
    field = "slug"


class EndsBeforeStartError(InvalidError):
    """The end is not after the start."""

    message = N_("The end must be after the start.")
    field = "end_time"


class StartsInThePastError(InvalidError):
    """What people can book starts in the future."""

    message = N_("The start is in the past. Choose a time that is still to come.")
    field = "date"


class CapacityRangeError(InvalidError):
    """No event has so many places, or so few."""

    message = N_("The number of places is between {lowest} and {highest}.")
    field = "capacity"


class CapacityBelowBookedError(ConflictError):
    """People hold more places than that."""

    message = N_("{taken} places are booked already, so there cannot be fewer places than that.")
    field = "capacity"


class JoinUrlError(InvalidError):
    """The address where people meet is no web address."""

    message = N_("Write the join address as a full web address, such as https://meet.example.org/room.")
    field = "join_url"


class JoinUrlMissingError(InvalidError):
    """People could book and would find no door."""

    message = N_("Give the address where people join before you publish the event.")
    field = "join_url"


class RecordingUrlError(InvalidError):
    """The address of the recording is no web address."""

    message = N_("Write the recording’s address as a full web address, such as https://video.example.org/1.")
    field = "recording_url"


class StaleEventError(ConflictError):
    """Somebody else changed the event since the form was opened."""

    message = N_("Somebody else changed this event while you were writing. Open it again and repeat your change.")


class EventCancelledError(ConflictError):
    """A cancelled event stays as it is."""

    message = N_("This event was cancelled and cannot be changed.")


class EventOverError(ConflictError):
    """Too late for that."""

    message = N_("This event is over.")


class OverCannotMoveError(ConflictError):
    """Who came was promised that day; another day is another event."""

    message = N_("This event is over, so its time stays as it was. Plan a new event for another day.")
    field = "date"


class ReasonMissingError(InvalidError):
    """People who booked are told why."""

    message = N_("Say why the event is cancelled: everybody who booked will read it.")
    field = "reason"


class SpeakerNameMissingError(InvalidError):
    """A speaker has a name."""

    message = N_("Give the speaker’s name.")
    field = "name"


class SpeakerListedError(ConflictError):
    """The same person in the same role twice."""

    message = N_("{name} is in the line-up in that role already.")
    field = "name"


class AppearanceNotFoundError(NotFoundError):
    """Not in this line-up."""

    message = N_("We could not find that speaker in the line-up.")


class SpeakerOutError(ConflictError):
    """The same person was taken out before."""

    message = N_("{name} was taken out of this line-up before. Put them back instead.")
    field = "name"


class SpeakerAddressError(InvalidError):
    """Not an address that a mail could go to."""

    message = N_("Please write one e-mail address, such as name@example.org.")
    field = "email"


class SpeakerAddressMissingError(ConflictError):
    """Nobody can be written to."""

    message = N_("There is no address to write to. Give one first.")


class SpeakerDeclinedError(ConflictError):
    """Whoever declined is asked no more."""

    message = N_("They have declined, so they are not written to again. Take them out and put them back to ask anew.")


class SpeakerNotAskedError(ConflictError):
    """There is no invitation to send again."""

    message = N_("They were not invited yet.")


class SpeakerAskedOftenError(ConflictError):
    """One address, too many mails in a day (S31)."""

    message = N_("The invitation went out {most} times within a day. Please wait until tomorrow.")


class SpeakerStillInvitedError(ConflictError):
    """An address is needed while an invitation stands."""

    message = N_("They are invited to an event that is to come. Take them out first, or wait until it is over.")


class NotInLineUpError(ConflictError):
    """They were taken out of the line-up; there is nothing to answer any more."""

    message = N_("You are not in the line-up of this event any more, so there is nothing to answer.")


class UnknownQuestionError(InvalidError):
    """A question that does not exist."""

    message = N_("One of the questions does not exist any more. Choose again.")
    field = "questions"


class EventFullError(ConflictError):
    """No place is left."""

    message = N_("Every place is taken. If somebody cancels, the place can be booked here again.")


class BookingClosedError(ConflictError):
    """Over, cancelled, or not open for booking."""

    message = N_("This event takes no bookings any more.")


class EventChangedError(ConflictError):
    """Something changed between the reading and the booking; nothing was stored."""

    message = N_("Something changed in this very moment. Please look at the event and send the form again.")


class MembersFirstError(ConflictError):
    """Places are for members until a moment."""

    message = N_("Places are for members first. Sign in if you are one, or come back when everybody can book.")


class CapacityBelowKeptError(ConflictError):
    """Fewer places than are booked and kept for groups."""

    message = N_("{taken} places are booked and {kept} are kept for groups. Release some of these first.")
    field = "capacity"


class MembersUntilError(InvalidError):
    """Members come first for a time that is still to come, and no longer than until the event begins."""

    message = N_("Choose a time before the event starts that is still to come, or leave both fields empty.")
    field = "date"


class GroupNotFoundError(NotFoundError):
    """No such group, or a private link that was replaced or never was one."""

    message = N_("This link keeps no places for a group. Ask whoever sent it to you for a new one.")


class GroupNameMissingError(InvalidError):
    """A group has a name."""

    message = N_("Give the group a name: whoever opens its link reads it.")
    field = "name"


class GroupNameTakenError(ConflictError):
    """Two groups of one event would be taken for each other."""

    message = N_("There is a group called “{name}” already.")
    field = "name"


class GroupPlacesError(InvalidError):
    """Places are kept in ones or more."""

    message = N_("Keep at least one place.")
    field = "places"


class NotEnoughFreeError(ConflictError):
    """Fewer places are free than would be kept."""

    message = N_("Places free at the moment: {free}. More than these cannot be kept for a group.")
    field = "places"


class GroupBelowTakenError(ConflictError):
    """The group has booked more places than that."""

    message = N_("Places booked by the group already: {taken}. It cannot have fewer.")
    field = "places"


class ReleaseTimeError(InvalidError):
    """Kept places go to everybody while they can still be booked."""

    message = N_("Choose a time that is still to come, at the latest the start of the event.")
    field = "date"


class GroupReleasedError(ConflictError):
    """What was given to everybody is not kept again."""

    message = N_("The places of this group went to everybody already, so it cannot be changed any more.")


class ProvisionNotFoundError(NotFoundError):
    """Not among what this event provides."""

    message = N_("We could not find that among what the event provides.")


class ProvisionTwiceError(ConflictError):
    """Each kind is stated once."""

    message = N_("The event provides this already. You can change its words below.")
    field = "kind"


class TooManyProvisionsError(ConflictError):
    """More than anybody reads."""

    message = N_("An event states at most {most} things that it provides.")
    field = "kind"


class ProvisionNoteError(InvalidError):
    """Something else is nothing without words."""

    message = N_("Say what it is that you provide.")
    field = "note"


class ProvisionNoteLengthError(InvalidError):
    """More words than a line takes."""

    message = N_("Please keep this to {most} characters.")
    field = "note"


class DueTooLateError(InvalidError):
    """Arranged after the event is not arranged."""

    message = N_("Choose a day no later than the day of the event.")
    field = "due_on"


class UnprovidedYetError(ConflictError):
    """Whether it was there shows at the event."""

    message = N_("The event has not begun. Tick what was there once it has.")


class CommentDaysError(InvalidError):
    """Comments are open for too many days."""

    message = N_("Choose a number of days from 0 to {limit}.")
    field = "days"
