"""What a WSGI server loads: `granian --interface wsgi wsgi:app`; the `flask` command finds it too."""

from config import Settings
from engage.app import create_app

app = create_app(Settings.from_env())
