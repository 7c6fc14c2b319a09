"""`flask mail dkim-key`: what a site needs so that its mail is believed."""

import os
import subprocess
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from engage.edge import context
from engage.mail.identity import dkim_name
from engage.mail.signing import STRONG_BITS, BadKeyError, public_record, txt_line

mail = AppGroup("mail", help="The identity of the site's mail.")


@mail.command("dkim-key")
@click.argument("path", type=click.Path(path_type=Path))
@with_appcontext
def dkim_key(path: Path) -> None:
    """Make a key at PATH, unless there is one, and print the line that DNS needs for it.

    Only the one who runs this may read the key. DKIM_KEY=PATH then signs every mail.
    """
    settings = context.settings()
    try:
        made = _make(path)
        record = public_record(path)
    except BadKeyError as error:
        raise click.ClickException(f"{path}: {error}.") from error
    click.echo(f"{'1 key made' if made else 'There is a key already'}: {path}", err=True)
    click.echo("Put this line into the zone of the domain, and DKIM_KEY into the settings:", err=True)
    click.echo(txt_line(dkim_name(settings.dkim_selector, settings.mail_from), record))


def _make(path: Path) -> bool:
    """Write a new key that only its owner may read; False when something is there already."""
    if path.exists():
        return False
    command = ["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{STRONG_BITS}"]
    try:
        key = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 - our own words
    except FileNotFoundError as error:
        raise click.ClickException("openssl is missing, which makes the key: install it and try again.") from error
    except subprocess.CalledProcessError as error:
        raise click.ClickException(f"openssl made no key: {error.stderr.decode(errors='replace').strip()}") from error
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written ({error.strerror}).") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    return True
