"""What counts as proof that a form is ours (S10)."""

import pytest

from engage.edge.same_origin import comes_from_here

OWN = {"https://engage.example"}


@pytest.mark.parametrize(
    ("fetch_site", "origin", "proven"),
    [
        ("same-origin", "https://engage.example", True),
        ("same-origin", "null", True),
        ("same-site", "https://engage.example", False),
        ("cross-site", "https://engage.example", False),
        ("none", None, False),
        (None, "https://engage.example", True),
        (None, "http://engage.example", False),
        (None, "https://engage.example.evil.example", False),
        (None, "null", False),
        (None, None, True),  # no browser; the form's key or token answers for it
    ],
)
def test_proof(fetch_site: str | None, origin: str | None, proven: bool) -> None:
    assert comes_from_here(fetch_site, origin, OWN) is proven
