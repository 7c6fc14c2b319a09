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
