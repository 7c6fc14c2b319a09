"""Where sign-in may lead to."""

import pytest

from engage.edge.next_path import local_path


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/account/",
        "/organise/events/new",
        "/organise/events/?page=2&show=all",
        "/events/over-lunch/comments/?pass=abc_-DEF",
        "/events/caf%C3%A9/",
        "/organise/?next=/account/",
    ],
)
def test_local_path_takes_a_path_of_this_site(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "account",
        "account/",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/ /evil.example",
        "\x00//evil.example",
        "/\r\nSet-Cookie: a=b",
        "https://evil.example/",
        "http:evil.example",
        "https:/evil.example",
        "HTTPS://evil.example",
        "javascript:alert(1)",
        "data:text/html,hello",
        "/.//evil.example",
        "/..//evil.example",
        "/%2e%2e//evil.example",
        "/x/../..//evil.example",
        "/./",
        "/a/%2E./b",
        "/／evil.example",
        "/\u2028/evil.example",
        "/\ud800",
        "/x#//evil.example",
        "/x?y=\\",
        "/x?y= z",
        "@evil.example",
        "/sign-in",
        "/sign-in?next=/sign-in",
        "/sign-out",
        "/" + "x" * 2000,
    ],
)
def test_local_path_refuses_whatever_a_browser_could_read_as_elsewhere(text: str | None) -> None:
    assert local_path(text) is None
