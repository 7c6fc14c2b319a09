"""Pages drawn as PDF, read back with another program's eyes: words, language, title, typeface, and no reach outside."""

import io
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest

from engage.drawing import libraries, process
from engage.drawing.process import DrawingError, LibrariesMissingError, Sheet, draw

STYLES = ("tokens.css", "certificate.css")


def sheet(body: str, *, head: str = "") -> Sheet:
    html = f'<!doctype html><html lang="cy"><head><title>Tystysgrif: Tŷ</title>{head}</head><body>{body}</body></html>'
    return Sheet(html, STYLES)


def read(pdf: bytes | None) -> pypdf.PdfReader:
    assert pdf is not None
    return pypdf.PdfReader(io.BytesIO(pdf), strict=True)


def fonts(pdf: pypdf.PdfReader) -> Iterator[tuple[str, bool]]:
    """Give the name of each font and whether it lies in the file."""
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            yield str(font.get_object()["/BaseFont"]), any(f"/FontFile{n}" in descriptor for n in ("", "2", "3"))


@pytest.fixture(scope="module")
def drawn() -> list[bytes | None]:
    """Draw a few sheets in one process, among them one that asks for the network and one that is no page."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        reaching = (
            f'<img src="{address}/a.png" alt="x"><img src="file:///etc/passwd" alt="y">'
            f'<link rel="stylesheet" href="{address}/b.css"><p>Still here</p>'
        )
        made = draw(
            [
                sheet("<h1>Tŷ Ŵyn</h1><p>Bore da, Siân, 12:30pm</p>"),
                sheet(reaching, head=f'<link rel="stylesheet" href="{address}/c.css">'),
                Sheet("<p>no such style</p>", ("missing.css",)),
                sheet("<h1>The last</h1>"),
            ]
        )
        with pytest.raises(BlockingIOError):
            server.accept()
    return made


def test_words_language_and_title_are_in_the_file(drawn: list[bytes | None]) -> None:
    pdf = read(drawn[0])

    assert pdf.pages[0].extract_text().split("\n") == ["Tŷ Ŵyn", "Bore da, Siân, 12:30pm"]
    assert pdf.trailer["/Root"]["/Lang"] == "cy"
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Tystysgrif: Tŷ"


def test_a_screen_reader_finds_headings_and_the_title(drawn: list[bytes | None]) -> None:
    """PDF/UA-1: tagged, its structure kept, the title shown."""
    root = read(drawn[0]).trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_the_site_s_typeface_is_embedded_and_has_the_welsh_letters(drawn: list[bytes | None]) -> None:
    found = dict(fonts(read(drawn[0])))

    assert found
    assert all("Atkinson" in name for name in found), found
    assert all(found.values())


def test_nothing_is_fetched_from_anywhere(drawn: list[bytes | None]) -> None:
    text = read(drawn[1]).pages[0].extract_text()

    assert "Still here" in text
    assert "root:" not in text


def test_a_sheet_that_cannot_be_drawn_fails_alone(drawn: list[bytes | None]) -> None:
    assert drawn[2] is None
    assert "The last" in read(drawn[3]).pages[0].extract_text()


def test_a_drawing_that_takes_too_long_or_is_not_wanted_any_more_is_ended() -> None:
    with pytest.raises(DrawingError, match="too long"):
        draw([sheet("<p>x</p>")], longest_s=0)
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(DrawingError, match="stops"):
        draw([sheet("<p>x</p>")], stopping=stopping)


CRASH = "import faulthandler, os, signal; faulthandler.enable(); os.kill(os.getpid(), signal.SIGSEGV)"
ONCE = f"""
import pathlib, runpy, sys
mark = pathlib.Path(sys.argv[1])
if not mark.exists():
    mark.touch()
    {CRASH}
runpy.run_module("engage.drawing", run_name="__main__")
"""


def test_a_process_that_crashes_is_tried_once_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", ONCE, str(tmp_path / "crashed")))

    assert "Here" in read(draw([sheet("<p>Here</p>")])[0]).pages[0].extract_text()


def test_a_process_that_crashes_again_says_by_what_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", CRASH))

    with pytest.raises(DrawingError, match=r"SIGSEGV: Segmentation fault.*(?s:.)*<string>"):
        draw([sheet("<p>x</p>")])


def test_a_system_without_the_libraries_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "PACKAGES", {"no-such-library-1.0": "libno-such-1.0-0"})

    assert libraries.missing_packages() == ["libno-such-1.0-0"]
    with pytest.raises(LibrariesMissingError, match="libno-such"):
        draw([sheet("<p>x</p>")])
