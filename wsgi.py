"""What a WSGI server loads: `granian --interface wsgi wsgi:app`; the `flask` command finds it too."""

import click

from config import Settings
from engage.app import create_app
from engage.edge.start_up import refuse_unfit_database

app = create_app(Settings.from_env())

if click.get_current_context(silent=True) is None:  # a server, not `flask db upgrade`
    refuse_unfit_database(app)
