"""Commands: `flask …`, found through wsgi.py. Each says what it did and fails with one clear line."""

import json
import sys
from collections.abc import Callable, Iterable
from functools import partial

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import Migrate

from config import ROOT
from engage.commands.consultation_file import take_in
from engage.commands.database import needs_database
from engage.commands.export import export
from engage.commands.inbound import inbound
from engage.commands.mail import mail
from engage.commands.person import person
from engage.commands.sample import sample
from engage.commands.worker import worker
from engage.edge import access, compiled_templates, context
from engage.flows.file_invariants import files_are_known
from engage.flows.invariants import INVARIANTS, fingerprint
from engage.kernel import clock
from engage.kernel.db import db
from engage.media.storage import storage_of


def init_app(app: Flask) -> None:
    """Register every command; those that migrate are `flask db …`."""
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    for command in (person, sample, mail, export, take_in, inbound, worker, check, access_table, compile_templates):
        app.cli.add_command(command)


@click.command("check")
@click.option("--fingerprint", "print_fingerprint", is_flag=True, help="Print table counts and content hashes.")
@with_appcontext
@needs_database()
def check(print_fingerprint: bool) -> None:
    """Verify what must always be true of the stored data; exit 1 on any violation (R27)."""
    if print_fingerprint:
        for table, (rows, digest) in fingerprint().items():
            click.echo(f"{table} {rows} {digest}")
        return
    violations = 0
    files = partial(files_are_known, storage_of(context.site()), clock.now())
    invariants: dict[str, Callable[[], Iterable[str]]] = {**INVARIANTS, "I9 files": files}
    for name, invariant in invariants.items():
        for violation in invariant():
            violations += 1
            click.echo(f"{name}: {violation}", err=True)
    word = "ok" if violations == 0 else "failed"
    click.echo(f"{word}: {len(invariants)} invariants, {violations} violations")
    if violations:
        sys.exit(1)


@click.command("access")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_appcontext
def access_table(as_json: bool) -> None:
    """Print every route and who may open it."""
    rules = access.rules(current_app._get_current_object())  # type: ignore[attr-defined]
    if as_json:
        click.echo(json.dumps(rules, indent=1))
        return
    for rule in rules:
        click.echo(f"{rule['rule']:60} {','.join(rule['methods']):10} {', '.join(rule['who'])}")


@click.command("compile-templates")
@with_appcontext
def compile_templates() -> None:
    """Compile every page's template ahead, so that server processes start sooner and stay smaller."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    click.echo(f"{compiled_templates.compile_all(app)} templates are compiled")
