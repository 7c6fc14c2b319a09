"""What a WSGI server loads: `granian --interface wsgi wsgi:app`; the `flask` command finds it too."""

import gc
import sys

import click
from flask.cli import FlaskGroup

from config import Settings, SettingsError
from engage.app import create_app
from engage.edge.start_up import refuse_unfit_database

try:
    app = create_app(Settings.from_env())
    command = click.get_current_context(silent=True)  # servers have one as well
    if command is not None and isinstance(command.find_root().command, FlaskGroup):
        from engage import cli  # with migrations and the sample, which a server needs not keep in memory

        cli.init_app(app)
    else:
        refuse_unfit_database(app)
        gc.freeze()  # what the application is made of stays: looking through it again would make pages wait
except SettingsError as error:
    sys.exit(str(error))  # it names every fault; a traceback would hide them
