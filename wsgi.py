"""What a WSGI server loads: `granian --interface wsgi wsgi:app`; the `flask` command finds it too."""

import sys

import click

from config import Settings, SettingsError
from engage.app import create_app
from engage.edge.start_up import refuse_unfit_database

try:
    app = create_app(Settings.from_env())
    if click.get_current_context(silent=True) is None:  # a server, not `flask db upgrade`
        refuse_unfit_database(app)
except SettingsError as error:
    sys.exit(str(error))  # it names every fault; a traceback would hide them
