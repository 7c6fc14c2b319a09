"""`flask person create` and `flask person disable`."""

import sys

import click
from flask.cli import AppGroup

from engage.accounts import passwords
from engage.accounts.enums import RoleName
from engage.accounts.services import create_person, disable_person
from engage.commands.database import needs_database
from engage.edge.context import site
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work

person = AppGroup("person", help="People who can sign in.")


@person.command("create")
@click.argument("email")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in RoleName]),
    help="What the person may do; can be given several times.",
)
@click.option("--name", default="", help="The person's name; the first part of the address unless given.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@needs_database()
def create(email: str, roles: tuple[str, ...], name: str, password_stdin: bool) -> None:
    """Make a person who can sign in."""
    try:
        password = passwords.hash_password(
            _read_password(password_stdin), context=(email, name, site().organisation_name)
        )
        with unit_of_work():
            made = create_person(
                email,
                name=name,
                roles=[RoleName(role) for role in roles],
                password=password,
                at=clock.now(),
            )
            words = f"{made.email} ({', '.join(sorted(made.role_names()))})"
    except EngageError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"1 person made: {words}.")


@person.command("disable")
@click.argument("email")
@needs_database()
def disable(email: str) -> None:
    """Shut a person out and end their sessions at once."""
    try:
        with unit_of_work():
            ended = disable_person(email, at=clock.now())
    except EngageError as error:
        raise click.ClickException(str(error)) from error
    sessions = "1 session" if ended == 1 else f"{ended} sessions"
    click.echo(f"1 person disabled, {sessions} ended.")


def _read_password(from_standard_input: bool) -> str:
    if from_standard_input:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
