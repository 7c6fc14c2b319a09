"""`flask export consultation` and `flask import consultation`: a consultation with its answers as one file."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError

from engage.audit.services import record
from engage.commands.database import needs_database
from engage.commands.export import export, new_file
from engage.consultations.queries import get_any_consultation
from engage.edge import context
from engage.flows.consultation_file.errors import ImportClashError
from engage.flows.consultation_file.importing import MOST_FAULTS, Report, check_file, import_file
from engage.flows.consultation_file.lines import LONGEST_LINE
from engage.flows.consultation_file.writing import as_json, consultation_lines, count_sittings
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work

take_in = AppGroup("import", help="Take in what another site, or this one, wrote.")


@export.command("consultation")
@click.argument("slug")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--identities", is_flag=True, help="With the names and addresses of those who are not anonymous.")
@needs_database()
def export_consultation(slug: str, path: Path, identities: bool) -> None:
    """Write a consultation with its answers to PATH, which must not be there yet (docs/consultation-file.md)."""
    site, at = context.site(), clock.now()
    try:
        consultation = get_any_consultation(slug)
        sittings, about = count_sittings(consultation.id), f"consultation:{consultation.id}"
        with new_file(path) as file:
            with unit_of_work():
                after = {"sittings": sittings, "identities": identities}
                record("command:consultation:export", about, at=at, after=after)
            lines = consultation_lines(get_any_consultation(slug), with_identities=identities, site=site, at=at)
            with click.progressbar(lines, label="Lines", file=sys.stderr) as seen:
                for line in seen:
                    file.write(as_json(line))
    except EngageError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{_count(sittings, 'sitting')} written to {path}. Recordings are left out.")


@take_in.command("consultation")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would become of it, and store nothing.")
@needs_database()
def import_consultation(path: Path, dry_run: bool) -> None:
    """Take in what PATH holds and is not here yet: all of it, or nothing when a line cannot be used."""
    try:
        with path.open("rb") as file:
            report = check_file(_watched(file, path, "Looking through"))
            _refuse_faults(report)
            file.seek(0)
            report = _import(_watched(file, path, "Trying" if dry_run else "Storing"), is_tried=dry_run)
    except EngageError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read ({error.strerror}).") from error
    click.echo(_said(report, is_tried=dry_run))


class _TriedError(Exception):
    """Ends a trial, so that nothing of it is kept."""

    def __init__(self, report: Report) -> None:
        self.report = report


def _import(lines: Iterator[bytes], *, is_tried: bool) -> Report:
    try:
        with unit_of_work():
            report = import_file(lines, at=clock.now())
            if is_tried:
                raise _TriedError(report)
            return report
    except _TriedError as tried:
        return tried.report
    except IntegrityError as error:
        raise ImportClashError from error


def _refuse_faults(report: Report) -> None:
    if not report.faults:
        return
    for fault in report.faults:
        click.echo(str(fault), err=True)
    count = len(report.faults)
    most = f"At least {count} lines" if count == MOST_FAULTS else "1 line" if count == 1 else f"{count} lines"
    raise click.ClickException(f"{most} cannot be used, so nothing was imported.")


def _said(report: Report, *, is_tried: bool) -> str:
    asked = f"Consultation “{report.slug}” with {_count(report.questions, 'question')}; " if report.is_new else ""
    new = (
        f"New: {asked}{_count(report.sittings, 'sitting')} with {_count(report.responses, 'response')},"
        f" {report.published} of them published."
    )
    words = [
        "Tried, and nothing stored." if is_tried else "Imported.",
        new if report.is_new or report.sittings else "Nothing is new.",
        f"Here already: {_count(report.here, 'sitting')}.",
    ]
    if report.recordings:
        words.append(f"Left out: {_count(report.recordings, 'recording')}.")
    return " ".join(words)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _watched(file: IO[bytes], path: Path, label: str) -> Iterator[bytes]:
    """Give the lines of a file, none much longer than is taken, and show how far they are."""
    with click.progressbar(length=path.stat().st_size, label=label, file=sys.stderr) as bar:
        while line := file.readline(LONGEST_LINE + 1):
            bar.update(len(line))
            yield line
