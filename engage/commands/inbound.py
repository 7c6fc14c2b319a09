"""`flask inbound`: one mail on standard input, as mail servers pipe it; or a listener that runs by itself."""

import os
import signal
import sys
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from config import SettingsError
from engage.edge import context
from engage.edge.start_up import refuse_unfit_database
from engage.jobs.receiving import Receiving
from engage.jobs.replies import take_in
from engage.kernel import clock
from engage.mail.inbound.opening import LARGEST_MAIL

# sysexits.h: mail servers try again after EX_TEMPFAIL, and give a mail back after any other fault.
TRY_AGAIN = os.EX_TEMPFAIL
CHUNK = 64 * 1024


@click.command("inbound")
@click.option("--to", "envelope_to", default="", help="The recipient of the envelope (Postfix: ${recipient}).")
@click.option("--from", "envelope_from", default=None, help="The sender of the envelope, empty for a bounce.")
@click.option("--listen", is_flag=True, help="Take mail in as INBOUND_MAIL says, until SIGTERM.")
@with_appcontext
def inbound(envelope_to: str, envelope_from: str | None, listen: bool) -> None:
    """Take in one mail from standard input: exit 0 once it is stored, 75 to be asked again."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        refuse_unfit_database(app, serves=True)
    except SettingsError as error:
        click.echo(" ".join(error.faults), err=True)
        sys.exit(TRY_AGAIN)
    if listen:
        _listen()
        return
    raw = _read()
    try:
        handled = take_in(
            raw, envelope_to=envelope_to, envelope_from=envelope_from, site=context.site(), at=clock.now()
        )
    except Exception as error:  # noqa: BLE001, RUF100 - whatever it is, the mail must not be given back
        click.echo(f"not stored: {type(error).__name__}", err=True)
        sys.exit(TRY_AGAIN)
    click.echo(f"{handled.kind.value}: {handled.outcome.value}")


def _read() -> bytes:
    """Return the mail, of one that is too large as much as shows that it is; all of it is read, or the pipe breaks."""
    raw = sys.stdin.buffer.read(LARGEST_MAIL + 1)
    while sys.stdin.buffer.read(CHUNK):
        pass
    return raw


def _listen() -> None:
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, stop)
    settings = context.settings()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    receiving = Receiving(settings.inbound_mail, settings.site(), context=app.app_context, stopping=stopping)
    if not receiving.start():
        raise click.ClickException("INBOUND_MAIL is neither lmtp:// nor imaps://: there is nothing to listen to.")
    click.echo("inbound: ready")
    stopping.wait()
    receiving.wait(10)
    click.echo("inbound: stopped")
