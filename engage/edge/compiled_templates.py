"""Page templates are compiled once for all server processes: doing it costs each one time, and 8 MB that it keeps."""

from importlib.metadata import version

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Keep compiled templates in the instance folder; one whose source has changed is compiled anew."""
    folder = settings.instance_folder / "templates" / f"jinja-{version('jinja2')}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))


def compile_all(app: Flask) -> int:
    """Compile the template of every page that is not compiled yet; return how many pages' there are.

    Those of mails are not among them: the worker alone reads them.
    """
    names = [name for name in app.jinja_env.list_templates(["html"]) if not name.startswith("email/")]
    for name in names:
        app.jinja_env.get_template(name)
    return len(names)
