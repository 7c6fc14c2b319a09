"""Refusals."""

from engage.kernel.errors import ConflictError, InvalidError, NotFoundError
from engage.kernel.i18n import N_


class ConsultationNotFoundError(NotFoundError):
    """No consultation that the asker may see has this address."""

    message = N_("We could not find that consultation.")


class QuestionNotFoundError(NotFoundError):
    """The consultation has no question of this number."""

    message = N_("We could not find that question.")


class AddressTakenError(ConflictError):
    """Another consultation has this address."""

    message = N_("Another consultation has the address “{slug}”. Choose another one.")
    field = "slug"


class NoQuestionsError(InvalidError):
    """A consultation asks at least one thing."""

    message = N_("Write at least one question.")
    field = "questions"


class AddressShapeError(InvalidError):
    """An address that would not work in a link."""

    message = N_("An address is made of small letters, digits and single hyphens, such as river-plans.")
    field = "slug"


class StaleConsultationError(ConflictError):
    """Somebody else changed the consultation since the form was opened (R11)."""

    message = N_(
        "Somebody else changed this consultation while you were writing, so nothing is saved yet. Save it once more."
    )


class TitleMissingError(InvalidError):
    """A consultation has a title."""

    message = N_("Give the consultation a title.")
    field = "title"


class ContactError(InvalidError):
    """No address to write to."""

    message = N_("Please write one e-mail address, such as name@example.org.")
    field = "contact_email"


class HoldRulesMissingError(InvalidError):
    """To hold by rule needs a rule."""

    message = N_("Choose at least one thing that holds a response back, or show responses at once.")
    field = "moderation_mode"


class ClosesBeforeOpeningError(InvalidError):
    """It would close before it opened."""

    message = N_("It has to close after it opens.")
    field = "closes_date"


class ClosesInThePastError(InvalidError):
    """What people can see as open has its closing to come."""

    message = N_("This is over already. Choose a later time.")
    field = "closes_date"


class LateBeforeClosingError(InvalidError):
    """Late is after the closing."""

    message = N_("Choose a time after the closing, and one that is still to come.")
    field = "date"


class NotADraftError(ConflictError):
    """Only a draft is opened."""

    message = N_("This consultation is no draft any more.")


class NotOpenError(ConflictError):
    """Only what is open can be closed."""

    message = N_("This consultation takes no answers, so there is nothing to close.")


class NotOpenedYetError(ConflictError):
    """Nothing is late before it was open."""

    message = N_("Late answers can be taken once the consultation has closed.")


class NotClosedYetError(ConflictError):
    """Nobody works through what is still being said."""

    message = N_("People can still answer this consultation, or could not yet. Close it first.")


class DatesFixedError(ConflictError):
    """What has begun keeps its opening."""

    message = N_("This consultation has opened, so its opening stays as it is. Extend or close it on its page.")


class WithdrawnError(ConflictError):
    """What was withdrawn stays as it is."""

    message = N_("This consultation was withdrawn and cannot be changed.")


class ClosedForQuestionsError(ConflictError):
    """Nobody could answer a question that is added after the closing."""

    message = N_("This consultation has closed, so no question can be added or taken out.")


class QuestionTextError(InvalidError):
    """A question says something, and not too much."""

    message = N_("Write the question, in at most {longest} characters.")
    field = "text"


class QuestionLockedError(ConflictError):
    """Somebody has answered: it stays, and how it is answered stays too."""

    message = N_("Somebody has answered this question, so it stays, and its place and kind stay as they are.")


class QuestionKindLockedError(QuestionLockedError):
    """The kind of a question is fixed by its first answer."""

    field = "type"


class ConfidentialLockedError(QuestionLockedError):
    """What was promised to the first who answered holds for everybody (P28)."""

    message = N_("Somebody has answered this question, so what was promised about publishing the answers stays.")
    field = "is_confidential"


class NumbersFixedError(ConflictError):
    """Numbers are names: people say "question four"."""

    message = N_("People can see the questions by their numbers now, so their order stays.")


class OptionsError(InvalidError):
    """A choice needs things to choose from."""

    message = N_(
        "Write from {fewest} to {most} different options, one on each line, each at most {longest} characters."
    )
    field = "options"


class NoWayToAnswerError(InvalidError):
    """An open question is answered in writing or by a recording."""

    message = N_("Allow at least one way to answer: in writing, by audio or by video.")
    field = "allows_text"


class WordLimitError(InvalidError):
    """A limit that nobody could keep, or that is none."""

    message = N_("Write a number of words from {fewest} to {most}, or leave it empty.")
    field = "max_words"


class RecordingLimitsError(InvalidError):
    """Recordings have a shortest and a longest length."""

    message = N_("Write seconds from {shortest} to {longest}, the shortest first.")
    field = "media_min_s"


class ThemeNotListedError(ConflictError):
    """A question is about what its consultation lists; somebody may have taken it out."""

    message = N_("Something that you ticked is not listed any more. Look through the list once more.")
    field = "themes"


class TooManyQuestionsError(ConflictError):
    """More than anybody would answer."""

    message = N_("A consultation asks at most {most} questions.")


class FrameworkNotFoundError(NotFoundError):
    """The consultation has no such framework, theme, link or footnote."""

    message = N_("We could not find that part of the consultation.")


class FrameworkTitleError(InvalidError):
    """A framework, and each of its themes, has a title."""

    message = N_("Give it a title.")
    field = "title"


class SourceUrlError(InvalidError):
    """No address that leads anywhere."""

    message = N_("Write an address that begins with https:// or http://, or leave it empty.")
    field = "source_url"


class FootnoteUrlError(SourceUrlError):
    """The same, of a footnote."""

    field = "url"


class StatedCountError(InvalidError):
    """No number that a source could state."""

    message = N_("Write a number from 0 to {most}, or leave it empty.")
    field = "stated_count"


class YearError(InvalidError):
    """No year that a goal could have."""

    message = N_("Write a year from {first} to {last}, or leave it empty.")
    field = "target_year"


class TooManyThemesError(ConflictError):
    """More than anybody would read."""

    message = N_("A list holds at most {most} of them.")


class SameThemeError(InvalidError):
    """A link leads from one to another."""

    message = N_("Choose two different ones.")
    field = "to"


class LinkTwiceError(ConflictError):
    """The link is there already."""

    message = N_("That link is there already.")
    field = "to"


class FootnoteNumberError(InvalidError):
    """A footnote has a number of its own."""

    message = N_("Write a number from 1 to {most} that no other footnote of this text has.")
    field = "number"


class FootnoteTextError(InvalidError):
    """A footnote says something."""

    message = N_("Write what the footnote says.")
    field = "text"
