"""Static files under names that change with their content, served without asking Flask."""

import hashlib
import re
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.responders import Headers

HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def init_app(app: Flask, folder: Path, *, development: bool) -> None:
    """Serve `folder` under /static/ and give templates `asset(name)`, which fails for a missing file."""
    served = WhiteNoise(
        app.wsgi_app,
        autorefresh=development,
        max_age=0 if development else 3600,
        immutable_file_test=lambda _path, url: bool(HASHED.search(url)),
        add_headers_function=_add_headers,
        charset="utf-8",
    )
    served.add_files(str(folder), prefix="/static/")
    names = {}
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.suffix in {".br", ".gz"}:
            continue
        name = file.relative_to(folder).as_posix()
        digest = hashlib.blake2b(file.read_bytes(), digest_size=6).hexdigest()
        hashed = f"/static/{name.removesuffix(file.suffix)}.{digest}{file.suffix}"
        served.add_file_to_dictionary(hashed, str(file))
        names[name] = f"/static/{name}" if development else hashed
    app.wsgi_app = served  # type: ignore[method-assign]
    app.jinja_env.globals["asset"] = names.__getitem__
