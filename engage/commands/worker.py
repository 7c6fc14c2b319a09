"""`flask worker`: does promised work until it is told to stop."""

import gc
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from config import Settings
from engage import jobs
from engage.commands.database import needs_database
from engage.edge import bell, context
from engage.jobs.making import Making
from engage.jobs.receiving import Receiving
from engage.kernel import clock
from engage.mail.identity import domain_of
from engage.mail.signing import BadKeyError, Signer, unsigned
from engage.media.services import MAKE

LOOK_S = 0.5  # between two looks; where a bell rings, LOOK_WITH_BELL_S
LOOK_WITH_BELL_S = 2.0
GIVES_WAY = 10  # niceness: whoever waits for a page comes before whoever waits for a mail
ASK_SERVER_S, LEAVE_S = 6.0, 9.0  # after being told to stop: hang up on a mail server, and leave (R16)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@with_appcontext
@needs_database(serves=True)
def worker(once: bool) -> None:
    """Do promised work: send mail, take mail in, tidy up. Stops within ten seconds of SIGTERM."""
    stopping = threading.Event()
    settings = context.settings()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    heard = bell.take_bell(app)
    runner = jobs.Runner(
        settings.site(),
        smtp_url=settings.smtp_url,
        sign=_signer(settings),
        name=f"{socket.gethostname()}-{os.getpid()}",
        stopping=stopping,
        without=() if once else (MAKE,),
    )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()
        _after(ASK_SERVER_S, runner.hands.transport.abort)
        _after(LEAVE_S, _leave)

    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, stop)
    if once:
        click.echo(f"{runner.run_due(at=clock.now())} jobs done")
        return
    os.nice(GIVES_WAY)
    receiving = Receiving(settings.inbound_mail, settings.site(), context=app.app_context, stopping=stopping)
    receiving.start()
    making = Making(settings.site(), context=app.app_context, stopping=stopping)
    making.start()
    if heard is not None:
        heard.listen()
    gc.freeze()  # as in a server process: what stays is not looked through again between two mails
    click.echo("worker: ready")
    while not stopping.is_set():
        if runner.run_due(at=clock.now()) == 0:
            if heard is None:
                stopping.wait(LOOK_S)
            else:
                heard.wait(LOOK_WITH_BELL_S)
    if heard is not None:
        heard.close()
    receiving.wait(2)
    making.wait(2)
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


def _after(seconds: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


def _leave() -> None:
    """End at once, as kill would: what is held is free for others when its lease ends, and nothing is lost (R13)."""
    click.echo("worker: stopped in the middle of a job")
    os._exit(0)
