"""People's Markdown becomes HTML by an allow-list."""

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.kernel.markdown import ATTRIBUTES, TAGS, Footnotes, cited_numbers, to_html


def test_plain_markdown() -> None:
    assert to_html("Bring *one* **question**.\n\n- a\n- b").split("\n")[:2] == [
        "<p>Bring <em>one</em> <strong>question</strong>.</p>",
        "<ul>",
    ]


def test_the_first_level_of_heading_in_use_becomes_h3() -> None:
    assert to_html("# A\n\n## B\n") == "<h3>A</h3>\n<h4>B</h4>\n"
    assert to_html("### A\n\n###### B\n") == "<h3>A</h3>\n<h6>B</h6>\n"
    assert to_html("# A\n\n###### B\n") == "<h3>A</h3>\n<h6>B</h6>\n"


def test_html_is_shown_as_it_was_typed() -> None:
    assert to_html("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    assert "<img" not in to_html("a <img src=x onerror=alert(1)> b")


def test_a_picture_becomes_its_text() -> None:
    assert to_html("![A pot](https://example.org/pot.png)") == "<p>A pot</p>\n"
    assert "<b" not in to_html("![<b onclick=x>](https://example.org/pot.png)")


def test_links_lead_to_web_and_mail_and_carry_no_recommendation() -> None:
    link = to_html("[Book](https://example.org/b)")
    assert 'href="https://example.org/b"' in link
    assert 'rel="nofollow noopener"' in link
    assert 'href="mailto:jo@example.org"' in to_html("<mailto:jo@example.org>")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java&#10;script:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/",
        "/sign-out",
        "<javascript:alert(1)>",
    ],
)
def test_no_link_leads_elsewhere(address: str) -> None:
    assert "<a" not in to_html(f"[x]({address})")


def test_tables_and_numbered_lists_keep_what_they_mean() -> None:
    table = to_html("| a | b |\n|---|:-:|\n| 1 | 2 |")
    assert "<th>a</th>" in table
    assert "style" not in table
    assert '<ol start="3">' in to_html("3. three\n4. four")


def test_direction_overrides_are_dropped() -> None:
    assert to_html("a\u202eb") == "<p>ab</p>\n"


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab \n#*_`[]()<>!|&;:/\"'=-\\javscriptonle.1"), max_size=120))
def test_only_allowed_tags_and_attributes_come_out(md: str) -> None:
    tree = html5lib.parseFragment(to_html(md), namespaceHTMLElements=False)
    for element in tree.iter():
        if not isinstance(element.tag, str) or element is tree:
            continue
        assert element.tag in TAGS
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set()) | ({"rel"} if element.tag == "a" else set())


NOTES = Footnotes(frozenset({1, 12}), "note-", 'Note "{number}"')


def test_a_citation_leads_to_its_note_and_one_that_is_not_listed_is_left_out() -> None:
    """Rule 11: the page shows nothing broken; S1: the label is text."""
    html = to_html("A[^1], b[^2] and **c[^12]**.", NOTES)

    assert '<a href="#note-1" aria-label="Note &quot;1&quot;"' in html
    assert ">12</a></sup></strong>" in html
    assert "[^" not in html
    assert "b and" in html


@pytest.mark.parametrize("text", ["`[^1]`", "```\n[^1]\n```", "[^0]", "[^1234]", "[^a]"])
def test_what_is_code_or_no_number_is_no_citation(text: str) -> None:
    assert "<sup>" not in to_html(text, NOTES)
    assert cited_numbers(text) == set()


def test_in_a_link_nothing_is_cited_and_markup_stays_what_was_typed() -> None:
    """S2."""
    html = to_html("[paper[^1]](https://example.org) <sup>x</sup>[^1]", NOTES)

    assert html.count("<sup>") == 1
    assert html.count("<a ") == 2
    assert "&lt;sup&gt;x" in html


def test_without_notes_a_text_is_as_before() -> None:
    assert to_html("A[^1]") == "<p>A[^1]</p>\n"
    assert cited_numbers("A[^1] b[^3]\n\n- c[^3]") == {1, 3}
