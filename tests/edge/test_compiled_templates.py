"""Templates compiled ahead: for pages alone, and anew when their source changes."""

from pathlib import Path

from flask import Flask
from jinja2 import DictLoader

from config import Settings
from engage.edge import compiled_templates


def test_every_page_is_compiled_ahead_and_no_mail_is(tmp_path: Path) -> None:
    app = _app(tmp_path, {"a.html": "{{ 1 }}", "parts/b.html": "b", "email/c.html": "c", "feed.xml": "d"})

    assert compiled_templates.compile_all(app) == 2
    assert len(_files(tmp_path)) == 2


def test_another_process_reads_what_was_compiled(tmp_path: Path) -> None:
    compiled_templates.compile_all(_app(tmp_path, {"a.html": "{{ 1 + 1 }}"}))
    before = {path: path.stat().st_mtime_ns for path in _files(tmp_path)}

    again = _app(tmp_path, {"a.html": "{{ 1 + 1 }}"})
    with again.app_context():
        assert again.jinja_env.get_template("a.html").render() == "2"
    assert {path: path.stat().st_mtime_ns for path in _files(tmp_path)} == before


def test_a_template_that_changed_is_compiled_anew(tmp_path: Path) -> None:
    compiled_templates.compile_all(_app(tmp_path, {"a.html": "before"}))

    changed = _app(tmp_path, {"a.html": "after"})
    with changed.app_context():
        assert changed.jinja_env.get_template("a.html").render() == "after"


def test_a_file_cut_short_is_no_harm(tmp_path: Path) -> None:
    compiled_templates.compile_all(_app(tmp_path, {"a.html": "whole"}))
    for path in _files(tmp_path):
        path.write_bytes(path.read_bytes()[:-9])

    app = _app(tmp_path, {"a.html": "whole"})
    with app.app_context():
        assert app.jinja_env.get_template("a.html").render() == "whole"


def _app(folder: Path, templates: dict[str, str]) -> Flask:
    app = Flask("engage")
    compiled_templates.init_app(app, Settings.from_env({"ENGAGE_ENV": "development", "INSTANCE_FOLDER": str(folder)}))
    app.jinja_env.loader = DictLoader(templates)
    return app


def _files(folder: Path) -> list[Path]:
    return [path for path in (folder / "templates").rglob("*") if path.is_file()]
