"""What the source itself must hold: who commits, where imports stand, and that every human text can be translated."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from jinja2 import Environment, nodes
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from engage.kernel import links

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "engage").rglob("*.py"), ROOT / "config.py", ROOT / "wsgi.py"])
TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt"))
MARKS = {"_", "_l", "_n", "N_", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext", "translate"}
# Functions whose first words a person reads.
SHOWN = {"flash", "ValidationError", "DataRequired", "InputRequired", "text_field", "address_field", "refuse"}
NAMES = {"Engage"}  # of ourselves: the same in every language
ATTRIBUTES = re.compile(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"')


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_only_the_unit_of_work_commits() -> None:
    committing = [relative(path) for path in SOURCES if ".commit(" in path.read_text()]

    assert committing == ["engage/kernel/unit_of_work.py"]


# Large libraries that a server process loads when somebody asks for what they do, or never. engage.media.s3 brings
# botocore, a fifth of what a process may weigh, which no site needs whose recordings lie in a folder.
LOADED_LATE = {
    "engage/kernel/bells.py: psycopg",
    "engage/kernel/bells.py: redis",
    "engage/kernel/spreadsheets.py: xlsxwriter",
    "engage/mail/rendering.py: css_inline",
    "engage/media/storage.py: engage.media.s3",
    "engage/mail/signing.py: dkim",
    "engage/mail/signing.py: dkim.crypto",
}


def test_no_import_stands_inside_a_function() -> None:
    inside = {
        f"{relative(path)}: {getattr(node, 'module', None) or node.names[0].name}"
        for path in SOURCES
        for function in ast.walk(parsed(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert inside == LOADED_LATE


def test_what_a_bucket_needs_is_loaded_for_a_bucket_alone() -> None:
    text = {relative(path): path.read_text() for path in SOURCES}

    assert [path for path in text if re.search(r"(import|from) (botocore|boto3)", text[path])] == ["engage/media/s3.py"]
    assert [path for path in text if "import S3Storage" in text[path]] == ["engage/media/storage.py"]


def test_what_a_view_says_goes_through_gettext() -> None:
    bare = [
        f"{relative(path)}:{call.lineno}"
        for path in SOURCES
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call)
        and _called(call) in SHOWN
        and call.args
        and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
        and not (isinstance(call.args[0], ast.Constant) and not isinstance(call.args[0].value, str))
    ]

    assert bare == []


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_words_of_a_template_go_through_gettext(path: Path) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
    tree = environment.parse(path.read_text())
    data = "".join(node.data for node in tree.find_all(nodes.TemplateData))
    without_tags = re.sub(r"<!--.*?-->|<[^>]*>|&#?\w+;|/[\w/-]*", " ", data, flags=re.DOTALL)
    bare = [*re.findall(r"[^\W\d_]{2,}", without_tags), *_words_in(ATTRIBUTES.findall(data)), *_bare_arguments(tree)]

    assert [word for word in bare if word not in NAMES] == []


def _words_in(values: list[str]) -> Iterator[str]:
    return (value for value in values if re.search(r"[^\W\d_]{2,}", value))


def _bare_arguments(tree: nodes.Template) -> Iterator[str]:
    """Give sentences that are handed to a macro or a filter as they are; "EEE d MMMM" is the shape of a date."""
    marked = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS
        for constant in call.find_all(nodes.Const)
    }
    for constant in tree.find_all(nodes.Const):
        value = constant.value
        if isinstance(value, str) and id(constant) not in marked and re.match(r"(?![EdMy ]+$)[A-Z][\w’']* \w", value):
            yield value


def test_every_link_that_a_mail_may_hold_leads_to_a_page(app: Flask) -> None:
    given = {
        "base": "http://localhost",
        "slug": "a",
        "token": "t" * 48,
        "code": "c",
        "consultation": "b",
        "number": 1,
        "event_pass": "p",
        "response_id": str(UUID(int=1)),
    }
    routes = app.url_map.bind("localhost")
    lost = {}
    for name, function in inspect.getmembers(links, inspect.isfunction):
        if function.__module__ != links.__name__:
            continue
        wanted = inspect.signature(function).parameters
        address = function(**{key: given.get(key, "x") for key in wanted})
        path = address.removeprefix("http://localhost").partition("?")[0]
        try:
            routes.match(path, method="GET")
        except (HTTPException, RequestRedirect) as error:
            lost[name] = f"{path}: {error}"

    assert lost == {}
