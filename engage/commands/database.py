"""A command that needs the database says in one line what is wrong with it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask import current_app

from config import SettingsError
from engage.edge.start_up import refuse_unfit_database

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def needs_database(*, serves: bool = False) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Refuse a command before it begins while the schema is not the one of this code.

    `serves`: it does the work of a real site, so that in production nobody of the sample may be there.
    """

    def mark(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @wraps(command)
        def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            app = current_app._get_current_object()  # type: ignore[attr-defined]
            try:
                refuse_unfit_database(app, serves=serves)
            except SettingsError as error:
                raise click.ClickException(" ".join(error.faults)) from error
            return command(*args, **kwargs)

        return checked

    return mark
