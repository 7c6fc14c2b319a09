"""`flask export responses`: what was said, as a file."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

import click
from flask.cli import AppGroup

from engage.commands.database import needs_database
from engage.consultations.queries import get_any_consultation
from engage.edge import context
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.enums import Channel, ResponseKind
from engage.responses.exporting.files import ExportFile, note_export
from engage.responses.exporting.formats import FileFormat
from engage.responses.exporting.profiles import Profile
from engage.responses.exporting.rows import Row
from engage.responses.exporting.scopes import Scope
from engage.responses.search.facets import Medium

export = AppGroup("export", help="Take what the site holds away as files.")


@export.command("responses")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--consultation", metavar="SLUG", help="What was said about the questions of a consultation.")
@click.option("--event", metavar="SLUG", help="What was said about an event; or one of the two.")
@click.option(
    "--for",
    "profile",
    type=click.Choice([profile.value for profile in Profile]),
    default=Profile.PUBLIC.value,
    show_default=True,
    help="Whom the file is for: it holds what they may have.",
)
@click.option(
    "--as",
    "file_format",
    type=click.Choice([each.value for each in FileFormat]),
    help="How it is written; what the name of the file ends in unless given.",
)
@click.option("--question", type=int, metavar="NUMBER", help="One question of the consultation alone.")
@click.option("--kind", type=click.Choice([kind.value for kind in ResponseKind]), help="Responses of one kind alone.")
@click.option("--channel", type=click.Choice([each.value for each in Channel]), help="What came in one way alone.")
@click.option("--medium", type=click.Choice([each.value for each in Medium]), help="Text, audio or video alone.")
@click.option("--language", metavar="CODE", help="Responses in one language alone, such as cy.")
@click.option("--identities", is_flag=True, help="With the names and addresses of senders: organiser's file alone.")
@needs_database()
def responses(
    *,
    path: Path,
    consultation: str | None,
    event: str | None,
    profile: str,
    file_format: str | None,
    question: int | None,
    kind: str | None,
    channel: str | None,
    medium: str | None,
    language: str | None,
    identities: bool,
) -> None:
    """Write the responses about a consultation or an event to PATH, which must not be there yet."""
    if identities and profile != Profile.ORGANISER:
        raise click.ClickException("Names and addresses stand in the organiser's file alone: add --for organiser.")
    if (consultation is None) == (event is None):
        raise click.ClickException("Name one consultation (--consultation SLUG) or one event (--event SLUG).")
    ending = file_format or path.suffix.removeprefix(".")
    if ending not in set(FileFormat):
        raise click.ClickException("Say how it is written: --as csv, xlsx, json or jsonl.")
    site = context.site()
    scope = Scope(
        Profile(profile),
        kind=ResponseKind(kind) if kind else None,
        channel=Channel(channel) if channel else None,
        medium=Medium(medium) if medium else None,
        language=language,
        with_identities=identities,
    )
    try:
        told = _of_event(scope, event, question) if event else _of_consultation(scope, consultation or "", question)
        file = ExportFile(**told, file_format=FileFormat(ending), site=site, at=clock.now())
        rows = file.rows
        with new_file(path) as target:
            with unit_of_work():
                note_export(file, rows=rows, source="command", actor=None)
            for piece in file.pieces(partial(_shown, length=rows)):
                target.write(piece)
    except EngageError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{rows} {'response' if rows == 1 else 'responses'} written to {path}.")


def _of_event(scope: Scope, slug: str, question: int | None) -> dict[str, Any]:
    if question is not None:
        raise click.ClickException("--question goes with --consultation.")
    event = get_event(slug)
    told = {"kind": "event", "slug": slug, "title": event.title, "timezone": event.timezone}
    return {**told, "scope": replace(scope, event_id=event.id)}


def _of_consultation(scope: Scope, slug: str, number: int | None) -> dict[str, Any]:
    consultation = get_any_consultation(slug)
    asked = {question.number: question.id for question in consultation.questions}
    if number is not None and number not in asked:
        raise click.ClickException(f"The consultation has no question {number}.")
    zone = context.site().default_timezone
    told = {"kind": "consultation", "slug": slug, "title": consultation.title, "timezone": zone}
    only = None if number is None else asked[number]
    return {**told, "scope": replace(scope, consultation_id=consultation.id, question_id=only)}


def _shown(rows: Iterable[Row], *, length: int) -> Iterator[Row]:
    """Give rows on, and show how far they are."""
    with click.progressbar(rows, length=length, label="Responses", file=sys.stderr) as seen:
        yield from seen


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that nobody else may read; it has its name only when it is whole. Raises ClickException."""
    if path.exists():
        raise click.ClickException(f"{path} is there already.")
    part = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
        part.rename(path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        with suppress(OSError):
            part.unlink()
