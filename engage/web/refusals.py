"""A form that was refused: shown again with what was typed, the reason in its place, and the right status."""

from collections.abc import Callable

from flask import Response

from engage.edge.forms import EngageForm
from engage.edge.limits import TooManyError
from engage.kernel.errors import EngageError, NotFoundError, UnavailableError
from engage.web.errors import status_of


def form_again(error: EngageError, form: EngageForm, page: Callable[[int], Response]) -> Response:
    """Put a refusal beside its field and return the page with its status (R35, S31).

    What is not there is raised again: there is no form to show.
    """
    if isinstance(error, NotFoundError):
        raise error
    form.refuse(error)
    answer = page(status_of(error))
    if isinstance(error, TooManyError):
        answer.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, UnavailableError):
        answer.headers["Retry-After"] = "3"
    return answer
