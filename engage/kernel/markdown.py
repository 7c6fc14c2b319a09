"""Markdown to clean HTML: the one place where people's formatting becomes tags."""

from collections.abc import MutableMapping, Sequence
from functools import cache, lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from engage.kernel.text import clean

FIRST_HEADING = 3  # a page has its h1 and its sections have h2
LAST_HEADING = 6
TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "li"),
    *("strong", "em", "code", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}


@lru_cache(maxsize=256)  # the same few descriptions are shown again and again
def to_html(md: str) -> str:
    """Return HTML made from Markdown by an allow-list of tags.

    The first level of heading in use becomes h3. Links lead to http, https or mailto only. HTML typed by
    people is shown as they typed it; a picture becomes its text alternative. Controls that turn the direction
    of text are dropped.
    """
    parser = _parser()
    tokens = parser.parse(clean(md, multiline=True))
    _shift_headings(tokens)
    return nh3.clean(
        parser.renderer.render(tokens, parser.options, {}),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener",
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.validateLink = _may_link  # type: ignore[method-assign]  # the library's own way to narrow links
    parser.add_render_rule("image", _text_alternative)
    return parser


def _may_link(url: str) -> bool:
    scheme, colon, _ = url.partition(":")
    return bool(colon) and scheme.strip().lower() in SCHEMES


def _text_alternative(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: Any,
    _env: MutableMapping[str, Any],
) -> str:
    return nh3.clean_text(tokens[index].content)


def _shift_headings(tokens: Sequence[Token]) -> None:
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    if not headings:
        return
    shift = FIRST_HEADING - min(int(token.tag[1]) for token in headings)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) + shift, LAST_HEADING)}"
