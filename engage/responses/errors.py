"""Refusals."""

from engage.kernel.errors import ConflictError, InvalidError, NotFoundError
from engage.kernel.i18n import N_


class ResponseNotFoundError(NotFoundError):
    """No response has this id, or it is not the asker's."""

    message = N_("We could not find that response.")


class ReceiptNotFoundError(NotFoundError):
    """No sitting has this receipt code."""

    message = N_("We could not find that receipt. Check that the address is whole.")


class CopyNotMailedError(InvalidError):
    """Nobody knows that whoever asks reads the mail of the address that was given; or there is none."""

    message = N_("We mail a copy only to whom we know by an account, or by the link in the mail with the receipt.")


class NotOnPaperError(InvalidError):
    """The way in which it came is none that is typed in."""

    message = N_("Choose how it came: by post, by phone or by e-mail.")
    field = "channel"


class NotReceivedThenError(InvalidError):
    """A day before the consultation opened, or one that is to come."""

    message = N_("Write a day from the opening of the consultation, {first}, to today.")
    field = "received_on"


class DraftGoneError(NotFoundError):
    """Something was typed into a draft that was sent or deleted meanwhile, as after "back" (R35)."""

    message = N_(
        "What you saved under this address was sent or deleted already. Nothing is lost: what you typed is on this"
        " page. If you send it now, it comes as new answers beside those that you sent."
    )


class DraftNotFoundError(NotFoundError):
    """No draft is opened by this link: it was sent or deleted, or had its day."""

    message = N_(
        "We could not find what was saved. Answers that were sent or deleted are not kept here; others go thirty days"
        " after the closing."
    )


class StaleDraftError(ConflictError):
    """It was saved again since the page was opened, in another tab or on another device (R11)."""

    message = N_(
        "You saved these answers again in another place since you opened this page, so nothing is saved or sent yet."
        " Both are put together below: look at them, and save or send once more."
    )


class AnswersNotOpenError(ConflictError):
    """Too early."""

    message = N_("This consultation is not open yet. Nothing was stored: your words are still on this page.")


class AnswersClosedError(ConflictError):
    """Too late."""

    message = N_("This consultation is closed. Nothing was stored: your words are still on this page.")


class CommentsNotOpenError(ConflictError):
    """The event is not over."""

    message = N_("Comments open when the event is over. Nothing was stored: your words are still on this page.")


class CommentsClosedError(ConflictError):
    """The time for comments is over, or the event did not happen."""

    message = N_("Comments on this event are closed. Nothing was stored: your words are still on this page.")


class NothingWrittenError(InvalidError):
    """All answers are empty."""

    message = N_("Write something first. One answer is enough.")


class NoCommentError(NothingWrittenError):
    """The comment is empty."""

    message = N_("Write your comment first, or record it.")


class TooLongError(InvalidError):
    """More characters than we take."""

    message = N_("This is {length} characters long. Shorten it to {limit} characters or fewer.")


class TooManyWordsError(InvalidError):
    """More words than the question asks for."""

    message = N_("This is {words} words long. Shorten it to {limit} words or fewer.")


class QuestionRewordedError(ConflictError):
    """The question was put into other words while somebody was writing below the words of before."""

    message = N_(
        "Question {number} was put into other words while you were writing. Both wordings stand there now, and your"
        " answer is still in its place. Look whether it still says what you mean, and send it again."
    )


class NotInWordsError(InvalidError):
    """The question takes no words."""

    message = N_("Question {number} is not answered in words any more. Look at it again.")


class AnswerNeededError(InvalidError):
    """A question that has to be answered is not."""

    message = N_("This question needs an answer before you can send the others.")


class ChoiceNotOfferedError(InvalidError):
    """What was chosen is not, or no longer, among the options."""

    message = N_("What was chosen is not offered here, or not any more. Choose again.")


class OneChoiceOnlyError(InvalidError):
    """Several options where the question takes one."""

    message = N_("Choose one of these only.")


class OtherNotChosenError(InvalidError):
    """Words beside an "other" that was not chosen."""

    message = N_("You wrote something here without choosing the option that it belongs to. Choose it, or empty this.")


class OtherWordsNeededError(InvalidError):
    """An "other" without words."""

    message = N_("Write what you mean, or choose another option.")


class QuestionNotDiscussedError(InvalidError):
    """The comment names a question that the event does not discuss."""

    message = N_("Choose a question from the list, or the event as a whole.")
    field = "question"


class NothingToReplyToError(ConflictError):
    """Its author took it back, a moderator took it down, or it stands on another page."""

    message = N_(
        "What you reply to is not here any more. Nothing was stored: your words are still on this page, and if you send"
        " them again they stand by themselves."
    )


class TooDeepError(InvalidError):
    """A thread is three replies deep at most."""

    message = N_("This thread can go no deeper. Reply to an earlier comment of it, or write one of your own.")
    field = "body"


class NameNeededError(InvalidError):
    """Named and pseudonym show a name."""

    message = N_("Write the name to show, or choose another way of being named.")
    field = "display_name"


class OrganisationNeededError(InvalidError):
    """The organisation's name is to be shown. The form of comments has one field for all names."""

    message = N_("Write the name of your organisation, or choose another way of being named.")
    field = "organisation"


class WhoIsItNeededError(InvalidError):
    """Name not published means that we know who it is."""

    message = N_(
        "“No name shown” means that our staff know whose answer it is. Write your name or your e-mail"
        " address, or choose “Anonymous”."
    )
    field = "display_name"


class AnonymousWithNameError(InvalidError):
    """An anonymous sitting holds no name."""

    message = N_("Anonymous answers hold no name. Take it out, or choose another way of being named.")
    field = "display_name"


class AnonymousWithOrganisationError(InvalidError):
    """An anonymous sitting holds no organisation."""

    message = N_("Anonymous answers hold no organisation. Take it out, or choose another way of being named.")
    field = "organisation"


class AnonymousWithEmailError(InvalidError):
    """An anonymous sitting holds no address, and no mail can go to one."""

    message = N_(
        "We cannot send mail about an anonymous answer without knowing who you are. Take the address out, or"
        " choose another way of being named."
    )
    field = "email"


class EmailUnusableError(InvalidError):
    """Not an address."""

    message = N_("Write one e-mail address, like name@example.org, or leave it empty.")
    field = "email"


class AnonymousByPassOnlyError(InvalidError):
    """An anonymous comment comes without the booking's link, which would say whose it is (P10)."""

    message = N_("This form no longer carries your name. Nothing is stored yet.")
    field = "attribution"


class NotHeardYetError(ConflictError):
    """A recording that is still being made ready: no moderator can have heard it (S48)."""

    message = N_(
        "The recording is still being made ready, so nobody has heard it. Publish it once you have; or publish the"
        " words alone now, without the recording."
    )
    field = "action"


class NothingToShowError(InvalidError):
    """No words, no choice, and a recording that could not be used."""

    message = N_("There is nothing to show: the recording could not be used, and no words came with it.")
    field = "action"


class NoConsentToPublishError(InvalidError):
    """Its author did not agree to publication (I12)."""

    message = N_("The author did not agree to have this shown on the site. It cannot be published.")
    field = "action"


class ReasonNeededError(InvalidError):
    """Who is refused is told why."""

    message = N_("Choose a reason: the author is told why.")
    field = "reason_code"


class TakenBackError(ConflictError):
    """Its author took it back: nothing can be decided on it any more."""

    message = N_("The author has taken this response back. Nothing can be decided on it any more.")


class GivenBackError(ConflictError):
    """Somebody who took their words back wants to change them."""

    message = N_("You took this response back, so there is nothing to change any more. You can write again.")


class EditingClosedError(ConflictError):
    """No more words like these are taken."""

    message = N_(
        "These words can no longer be changed: answers or comments here are closed, or it was a choice from a list."
        " You can still take them back, and say where they may go."
    )
    field = "body"


class FlaggedTodayError(ConflictError):
    """The same response, flagged again from the same computer or connection on one day."""

    message = N_(
        "We were told about this one today from your computer or your connection already. It is with our moderators;"
        " there is no need to tell them again."
    )


class EditedMeanwhileError(ConflictError):
    """Another window, or a moderator, changed the words since the form was opened (R11)."""

    message = N_("These words were changed meanwhile. Both are on this page: nothing is stored yet.")
    field = "body"


class ChosenMeanwhileError(ConflictError):
    """Another window changed where the words may go since the form was opened (R11, P13)."""

    message = N_(
        "Somebody with this page, perhaps you in another window, chose anew meanwhile. That choice stands; look at"
        " both, and send yours again if it is to replace it."
    )


class UseNotAskedError(InvalidError):
    """A use that is not asked about here: of a voice where nothing was recorded, of a confidential answer."""

    message = N_("We do not ask about this use of these words. Choose from the list.")


class ConfidentialQuestionError(InvalidError):
    """Answers to a confidential question are shown to nobody."""

    message = N_("Answers to this question are confidential, as it says beside it. None of them can be published.")
    field = "action"


class DecidedMeanwhileError(ConflictError):
    """Another moderator, or a rule, decided since the page was opened (R11)."""

    message = N_(
        "Something else was decided on this response since you opened this page, and that stands. Look at where it is"
        " now, and decide again."
    )


class ChangedMeanwhileError(ConflictError):
    """Its author, or another moderator, changed the words since the page was opened (R11)."""

    message = N_(
        "These words were changed since you opened this page. Nothing is decided: read what they say now, and decide"
        " again."
    )


class RedactionEmptyError(InvalidError):
    """Nothing is left of the words."""

    message = N_("Nothing is left. Leave some of the words, or refuse the response.")
    field = "body"


class NothingTakenOutError(InvalidError):
    """The words are all there."""

    message = N_("Nothing was taken out yet. Delete the words that are not to be shown, and write […] in their place.")
    field = "body"


class RedactionAddsError(InvalidError):
    """A redaction says what its author did not."""

    message = N_(
        "Only take words out. What is left are the author’s own words in their order; write […], or [a name], in the"
        " place of what goes."
    )
    field = "body"


class UnknownVoteError(InvalidError):
    """Not one of the buttons."""

    message = N_("Choose one of the buttons below the words. Nothing was counted.")
    field = "value"


class StaleVoteError(InvalidError):
    """The page with the buttons was opened before the person last signed in."""

    message = N_("This page was opened before you last signed in. Go back, load it again, and vote once more.")
    field = "value"


class VotesClosedError(ConflictError):
    """Too early or too late."""

    message = N_("Votes on this are closed. Nothing was counted.")


class OwnWordsError(ConflictError):
    """Its author votes."""

    message = N_("These are your own words, so your vote on them does not count.")


class QuestionsClosedError(ConflictError):
    """The event is over, or its organiser wants no questions."""

    message = N_("This event takes no questions to the speakers now. Nothing was stored: your words are still here.")


class NoQuestionError(NothingWrittenError):
    """The question is empty."""

    message = N_("Write your question first.")


class AnsweredWhenError(InvalidError):
    """Not a moment of the event."""

    message = N_("Write minutes and seconds into the event, such as 12:30, or leave it empty.")
    field = "when"


class WorkbookFullError(InvalidError):
    """More rows than a sheet of a workbook takes."""

    message = N_(
        "A workbook holds up to {limit:,} responses, and these are {rows:,}. Take them as CSV, or narrow them."
    )
    field = "format"
