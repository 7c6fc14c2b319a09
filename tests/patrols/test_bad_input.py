"""Nonsense in every field, address and body: a clear refusal or clean text, never a fault of ours (S24, S25)."""

import re
from collections.abc import Iterator
from itertools import islice

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.pages import Form
from tests.patrols.filling import filled
from tests.patrols.routes import ROUTES
from tests.patrols.walking import Keeper, browser, csrf_token, forms_of
from tests.stage import Stage

ACTORS = ("attendee", "member", "organiser")  # who reach every form between them
PARTS = 4  # of all forms: together they take minutes
BAD = {
    "empty": "",
    "blank": " \t\u00a0\u200b ",
    "long": "x" * 60_000,
    "many lines": "line\n" * 5_000,
    "control characters": "a\x00b\x07\x1b[31m\x7f",
    "line ends": "a\r\nBcc: x@y.example\r\n\r\nb",
    "odd line ends": "a\x85b\u2028c\vd\fe",
    "right-to-left marks": "\u202egnp.exe\u2066\u200f",
    "emoji": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "many accents": "e" + "\u0301" * 400,
    "encoded word": "=?utf-8?q?=0D=0ABcc:=20x@y.example?=",
    "address with a line end": "a@b.example\r\nBcc: c@d.example",
    "two addresses": "a@b.example, c@d.example",
    "address beyond ASCII": "ä@пример.example",
    "past 2^63": str(2**63),
    "very many digits": "9" * 5_000,
    "minus one": "-1",
    "zero": "0",
    "not a number": "NaN",
    "full-width digits": "１２",
    "underscored": "1_000",
    "year one": "0001-01-01",
    "year 9999": "9999-12-31",
    "week date": "2026-W10-1",
    "no such day": "2027-02-30",
    "gap in spring": "2027-03-28",
    "a time that does not exist": "25:61",
    "a folder of zones": "Europe",
    "a path": "../../etc/passwd",
    "evaluated": "{{7*7}}${7*7}%s%(name)s{0.__class__}",
    "markup": "<script>alert(1)</script>",
    "script address": "javascript:alert(1)",
    "quotes": "' OR 1=1; -- \"",
    "formula": '=HYPERLINK("http://evil.example")',
}
BODIES = {
    "lone surrogate": ("%(name)s=%%ED%%A0%%80", "application/x-www-form-urlencoded"),
    "bad UTF-8": ("%(name)s=%%ff%%fe%%c0%%af", "application/x-www-form-urlencoded"),
    "half a percent": ("%(name)s=%%&%%zz=%%1", "application/x-www-form-urlencoded"),
    "the same field a hundred times": ("&".join(["%(name)s=a"] * 100), "application/x-www-form-urlencoded"),
    "thousands of fields": ("&".join(f"f{n}=1" for n in range(3_000)), "application/x-www-form-urlencoded"),
    "deep JSON": ("[" * 100_000, "application/json"),
    "deep JSON as a form": ('{"a":' * 50_000, "application/x-www-form-urlencoded"),
    "broken multipart": ("--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x"),
    "multipart without boundary": ("x", "multipart/form-data"),
    "nothing at all": ("", ""),
    "a kind that is none": ("a=1", ";;;"),
    "too much": ("%(name)s=" + "x" * 3_000_000, "application/x-www-form-urlencoded"),
}
PIECES = (
    "0",
    "-1",
    str(2**63),
    "9" * 400,
    "x" * 3_000,
    "%00",
    "%ED%A0%80",
    "%ff",
    "%0d%0aSet-Cookie:a=b",
    "..%2f..%2fetc%2fpasswd",
    "%E2%80%AE",
    "٣",
    "A" * 48,
    "%22%3E%3Cscript%3E",
    "00000000-0000-0000-0000-000000000000",
)
TYPED = {"text", "textarea", "email", "password", "date", "time", "number", "url"}
QUERIES = ("page", "show", "pass", "lang", "event", "consultation", "state", "next", "response", "result", "question")


def some_forms(stage: Stage, app: Flask) -> Iterator[tuple[str, str, Form]]:
    """Give each kind of form once: who sends it, where to, and the form."""
    routes, seen = app.url_map.bind("localhost"), set()
    for person in ACTORS:
        for where, form in forms_of(stage, person):
            endpoint, _ = routes.match(where.partition("?")[0], method="POST")
            kind = (endpoint, *sorted(form.kinds))
            if kind not in seen and endpoint != "member.sign_out":
                seen.add(kind)
                yield person, where, form


def verdict(client: FlaskClient, keeper: Keeper, where: str, **request: object) -> str | None:
    """Send it; return what went wrong, and put the database back if anything was stored."""
    cookie = client.get_cookie("engage")
    answer = client.post(where, **request)  # type: ignore[arg-type]
    changed = keeper.has_changed()
    if changed:
        keeper.restore()
    client.delete_cookie("engage")
    if cookie is not None:
        client.set_cookie("engage", cookie.value)
    if answer.status_code >= 500:
        return f"answers {answer.status_code}"
    refusal_is_noted = where.startswith("/sign-in")
    if answer.status_code >= 400 and changed and not refusal_is_noted:
        return f"answers {answer.status_code} and stores something"
    return None


def _nonsense(form: Form) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each value in all typed fields at once, and in each single field a few: another few in the next one."""
    typed = [name for name, kind in form.kinds.items() if kind in TYPED]
    for what, value in BAD.items():
        yield f"everywhere {what}", dict.fromkeys(typed, value)
    for number, name in enumerate(sorted(set(form.kinds) - {"csrf_token"})):
        for what, value in list(BAD.items())[number % 6 :: 6]:
            yield f"{name} {what}", {name: value}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_field_takes_nonsense(stage: Stage, app: Flask, keeper: Keeper, part: int) -> None:
    wrong, sent = {}, 0
    for person, where, form in islice(some_forms(stage, app), part, None, PARTS):
        client = browser(stage, person)
        token = csrf_token(client)
        keeper.keep()
        good = filled(form, where)
        if "csrf_token" in good:
            good["csrf_token"] = token
        for what, fields in _nonsense(form):
            sent += 1
            if found := verdict(client, keeper, where, data={**good, **fields}):
                wrong[f"{where} {what}"] = found

    assert sent > 500  # in each part
    assert wrong == {}


def test_no_body_is_too_strange(stage: Stage, app: Flask, keeper: Keeper) -> None:
    wrong = {}
    for person, where, form in some_forms(stage, app):
        client = browser(stage, person)
        keeper.keep()
        names = [name for name in form.kinds if name not in {"csrf_token", "submission_key"}] or ["a"]
        for what, (body, kind) in BODIES.items():
            data = body % {"name": names[0]} if "%(name)s" in body else body
            if found := verdict(client, keeper, where, data=data, content_type=kind):
                wrong[f"{where}: {what}"] = found
        packed = verdict(client, keeper, where, data=b"\x1f\x8b\x08", headers={"Content-Encoding": "gzip"})
        if packed:
            wrong[f"{where}: a compressed body"] = packed

    assert wrong == {}


@pytest.mark.parametrize("person", ["visitor", "organiser"])
def test_no_address_is_too_strange(stage: Stage, person: str) -> None:
    client = browser(stage, person)
    patterns = {re.sub(r"<[^>]*>", "{}", route.rule) for route in ROUTES if route.method == "GET"}
    wrong = {}
    for pattern in sorted(patterns):
        for piece in PIECES:
            for address in _addresses(pattern, piece):
                answer = client.get(address, buffered=True)
                if answer.status_code >= 500 or "Set-Cookie: a=b" in str(answer.headers):
                    wrong[address] = answer.status_code

    assert wrong == {}


def _addresses(pattern: str, piece: str) -> Iterator[str]:
    count = pattern.count("{}")
    usual = ["flood-plans" if pattern.startswith("/consultations/") else "past-event", *["1"] * (count - 1)]
    for place in range(count):
        yield pattern.format(*[piece if n == place else usual[n] for n in range(count)])


@pytest.mark.parametrize("person", ["visitor", "organiser"])
def test_no_query_is_too_strange(stage: Stage, person: str) -> None:
    client = browser(stage, person)
    wrong = {}
    for route in ROUTES:
        if route.method != "GET" or "{" in route.address or route.answers[person] >= 400:
            continue
        for piece in PIECES:
            query = "&".join(f"{name}={piece}" for name in (*QUERIES, "page"))
            answer = client.get(f"{route.address.partition('?')[0]}?{query}", buffered=True)
            if answer.status_code >= 500:
                wrong[f"{route.address}?…={piece[:30]}"] = answer.status_code

    assert wrong == {}
