"""Markdown to clean HTML: the one place where people's formatting becomes tags."""

import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
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
    *("strong", "em", "code", "a", "sup"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title", "aria-label"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
CITATION = re.compile(r"\[\^([1-9][0-9]{0,2})\]")


@dataclass(frozen=True)
class Footnotes:
    """Which notes a text may cite as `[^1]`; each stands on the page as `#` + `anchor` + its number.

    `label` names a citation for who cannot see it: "Note {number}".
    """

    numbers: frozenset[int]
    anchor: str
    label: str


@lru_cache(maxsize=256)  # the same few descriptions are shown again and again
def to_html(md: str, footnotes: Footnotes | None = None) -> str:
    """Return HTML made from Markdown by an allow-list of tags.

    The first level of heading in use becomes h3. Links lead to http, https or mailto only. HTML typed by
    people is shown as they typed it; a picture becomes its text alternative. Controls that turn the direction
    of text are dropped. With `footnotes`, a citation of one leads to it, and one that is not listed is left out.
    """
    parser = _parser()
    tokens = parser.parse(clean(md, multiline=True))
    _shift_headings(tokens)
    if footnotes is not None:
        for token in tokens:
            token.children = _cite(token.children, footnotes) if token.children else token.children
    return nh3.clean(
        parser.renderer.render(tokens, parser.options, {}),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener",
    )


def cited_numbers(md: str) -> set[int]:
    """Return the numbers of the notes that a Markdown text cites; code cites none."""
    inline = (child for token in _parser().parse(clean(md, multiline=True)) for child in token.children or ())
    texts = (child.content for child in inline if child.type == "text")
    return {int(number) for text in texts for number in CITATION.findall(text)}


def _cite(tokens: list[Token], footnotes: Footnotes) -> list[Token]:
    cited: list[Token] = []
    depth = 0  # in a link there can be no other one
    for token in tokens:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type != "text":
            cited.append(token)
            continue
        for place, part in enumerate(CITATION.split(token.content)):
            if place % 2 == 0:
                cited.append(Token("text", "", 0, content=part))
            elif int(part) in footnotes.numbers and not depth:
                label = footnotes.label.replace("{number}", part)
                link = f'<sup><a href="#{footnotes.anchor}{part}" aria-label="{nh3.clean_text(label)}">{part}</a></sup>'
                cited.append(Token("html_inline", "", 0, content=link))
    return cited


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
