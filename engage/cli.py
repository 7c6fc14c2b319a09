"""Commands: `flask …`, found through wsgi.py. Each says what it did and fails with one clear line."""

import json
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import Migrate

from config import ROOT, Settings
from engage import jobs
from engage.commands.database import needs_database
from engage.commands.mail import mail
from engage.commands.person import person
from engage.commands.sample import sample
from engage.edge import access, context
from engage.flows.invariants import INVARIANTS, fingerprint
from engage.kernel import clock
from engage.kernel.db import db
from engage.mail.identity import domain_of
from engage.mail.signing import BadKeyError, Signer, unsigned

POLL_S = 0.5


def init_app(app: Flask) -> None:
    """Register every command; those that migrate are `flask db …`."""
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    for command in (person, sample, mail, worker, check, access_table):
        app.cli.add_command(command)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@with_appcontext
@needs_database(serves=True)
def worker(once: bool) -> None:
    """Do promised work: send mail, tidy up. Stops within ten seconds of SIGTERM."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, stop)
    settings = context.settings()
    runner = jobs.Runner(
        settings.site(),
        smtp_url=settings.smtp_url,
        sign=_signer(settings),
        name=f"{socket.gethostname()}-{id(stopping)}",
        stopping=stopping,
    )
    if once:
        click.echo(f"{runner.run_due(at=clock.now())} jobs done")
        return
    click.echo("worker: ready")
    while not stopping.is_set():
        if runner.run_due(at=clock.now()) == 0:
            stopping.wait(POLL_S)
    click.echo("worker: stopped")


def _signer(settings: Settings) -> Callable[[bytes], bytes]:
    """Return what signs mail; a key that cannot sign stops the worker before it sends anything unsigned."""
    if settings.dkim_key is None:
        return unsigned
    try:
        domain = domain_of(settings.mail_from)
        return Signer.of_file(settings.dkim_key, selector=settings.dkim_selector, domain=domain)
    except BadKeyError as error:
        raise click.ClickException(f"DKIM_KEY: {error}.") from error


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
    for name, invariant in INVARIANTS.items():
        for violation in invariant():
            violations += 1
            click.echo(f"{name}: {violation}", err=True)
    word = "ok" if violations == 0 else "failed"
    click.echo(f"{word}: {len(INVARIANTS)} invariants, {violations} violations")
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
