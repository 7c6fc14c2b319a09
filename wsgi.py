"""What a WSGI server loads: `granian --interface wsgi wsgi:app`; the `flask` command finds it too."""

import sys

import click
from flask.cli import FlaskGroup

from config import Settings, SettingsError
from engage.app import create_app
from engage.edge.start_up import refuse_unfit_database

try:
    app = create_app(Settings.from_env())
    command = click.get_current_context(silent=True)
    if command is None or not isinstance(command.find_root().command, FlaskGroup):  # a server, not `flask db upgrade`
        refuse_unfit_database(app)
except SettingsError as error:
    sys.exit(str(error))  # it names every fault; a traceback would hide them
