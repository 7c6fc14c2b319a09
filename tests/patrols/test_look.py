"""The look, as a machine can read it: tokens decide, classes exist, pages carry no style of their own."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "email" not in path.parts)

OF_ONE_PAGE = {"certificate.css", "context.css", "queue.css", "recorder.css"}  # loaded there alone

# Classes that mark a place for tests or words of a foreign page, and have no look.
WITHOUT_LOOK = frozenset({"page", "masthead", "page-foot-links", "empty-state"})


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def styled_classes() -> set[str]:
    found: set[str] = set()
    for sheet in SHEETS:
        for selector in re.findall(r"([^{};]+)\{", without_comments(sheet.read_text())):
            found.update(re.findall(r"\.([a-z][\w-]*)", selector))
    return found


def used_classes(template: Path) -> set[str]:
    """Return the classes that a template names in full; those it puts together from a value are left out."""
    found: set[str] = set()
    for value in re.findall(r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', template.read_text()):
        plain = re.sub(r"\S*\{\{.*?\}\}\S*", " ", re.sub(r"\{%.*?%\}", " ", value))
        found.update(word for word in plain.split() if not word.endswith("-"))
    return found


@pytest.mark.parametrize(
    "sheet",
    [sheet for sheet in SHEETS if sheet.name not in {"tokens.css", "print.css"}],  # screens' and paper's colours
    ids=lambda path: path.name,
)
def test_colours_are_decided_by_the_tokens_alone(sheet: Path) -> None:
    decided = r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)\("
    colours = re.findall(decided, without_comments(sheet.read_text()), re.IGNORECASE)

    assert colours == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_tokens_that_a_sheet_uses_are_defined(sheet: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+):", (ROOT / "static" / "css" / "tokens.css").read_text()))

    assert set(re.findall(r"var\((--[\w-]+)", sheet.read_text())) - defined == set()


def test_style_sheets_stay_small() -> None:
    assert sum(sheet.stat().st_size for sheet in SHEETS if sheet.name not in OF_ONE_PAGE) < 50_000
    assert {sheet.name: lines for sheet in SHEETS if (lines := sheet.read_text().count("\n")) >= 400} == {}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_classes_that_a_template_names_have_a_look(template: Path) -> None:
    assert used_classes(template) - styled_classes() - WITHOUT_LOOK == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_carry_no_style_script_or_handler_of_their_own(template: Path) -> None:
    forbidden = r"<style|<[a-z][^>]*\s(?:style|on[a-z]+)=|<script(?![^>]*\ssrc=)|javascript:"

    assert re.findall(forbidden, template.read_text(), re.IGNORECASE) == []
