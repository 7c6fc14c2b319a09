"""What was typed becomes words, and never a query of the database's (S5, S24)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.responses.search.words import LONGEST_WORD, MOST_TERMS, Term, terms_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ask the tenants.", ["ask", "the", "tenants"]),
        ("Tŷ, café, STRASSE, straße", ["ty", "cafe", "strasse", "strasse"]),
        ("don’t don't", ["don", "t", "don", "t"]),
        ("a_b-c/d 20mph", ["a", "b", "c", "d", "20mph"]),
        ("x" * 200, ["x" * LONGEST_WORD]),
        ("… !?", []),
    ],
)
def test_words_are_folded_so_that_case_and_accents_do_not_matter(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("bus fares", (Term(("bus",)), Term(("fares",)))),
        ('"bus fares" now', (Term(("bus", "fares")), Term(("now",)))),
        ("“bus fares”", (Term(("bus", "fares")),)),
        ("ten*", (Term(("ten",), True),)),
        ("te*", (Term(("te",)),)),
        ('"ten*"', (Term(("ten",)),)),
        ("don't", (Term(("don", "t")),)),
        ('"not closed', (Term(("not", "closed")),)),
        ("bus bus BUS", (Term(("bus",)),)),
        (
            "words : facets NOT near(a)",
            (*tuple(Term((word,)) for word in ("words", "facets", "not")), Term(("near", "a"))),
        ),
        ("*", ()),
        ('""', ()),
    ],
)
def test_words_phrases_and_beginnings_are_understood_and_nothing_else(typed: str, terms: tuple[Term, ...]) -> None:
    assert terms_of(typed) == terms


@given(st.text(max_size=400))
def test_whatever_is_typed_gives_few_words_without_any_sign(typed: str) -> None:
    terms = terms_of(typed)
    assert len(terms) <= MOST_TERMS
    assert all(word.isalnum() and len(word) <= LONGEST_WORD for term in terms for word in term.words)
