"""Who is let in where (S20, S21): every route, every kind of person."""

import json

import pytest
from flask import Flask

from tests.patrols.routes import PEOPLE, ROUTES, Route
from tests.patrols.walking import Keeper, address, browser, csrf_token
from tests.stage import Stage


def status(stage: Stage, route: Route, person: str) -> int:
    """Return what a person gets from a route; a POST sends an empty form with its sender's token."""
    client = browser(stage, person)
    data = {"csrf_token": csrf_token(client)} if route.method == "POST" else None
    return client.open(address(route, stage, person), method=route.method, data=data, buffered=True).status_code


def test_every_route_has_an_expected_answer(app: Flask) -> None:
    routes = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    declared = {(route.method, route.rule) for route in ROUTES}

    assert routes - declared == set(), "add these to tests/patrols/routes_*.py"
    assert declared - routes == set(), "these are in tests/patrols/routes_*.py and not in the app"


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_gets_the_declared_answer(stage: Stage, keeper: Keeper, person: str) -> None:
    keeper.keep()
    surprises = {}
    for route in ROUTES:
        got = status(stage, route, person)
        if got != route.answers[person]:
            surprises[f"{route.method} {route.address}"] = f"{got}, not {route.answers[person]}"
        if route.method == "POST":
            keeper.restore()

    assert surprises == {}


def test_the_access_command_lists_every_route_with_who_may_open_it(app: Flask) -> None:
    printed = json.loads(app.test_cli_runner().invoke(args=["access", "--json"]).output)

    assert [rule["rule"] for rule in printed if not rule["who"]] == []
    assert {rule["endpoint"] for rule in printed} == set(app.view_functions)
