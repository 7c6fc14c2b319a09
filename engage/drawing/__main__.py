"""The process that draws: JSON in, JSON out, and nothing else to reach; `engage.drawing.process` is the other end.

In: `{"sheets": [{"html": …, "styles": [names of static/css]}]}`. Out: `{"drawn": [base64 of a PDF, or null]}`; why a
sheet could not be drawn stands on standard error.
"""

import base64
import json
import resource
import sys
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC = Path(__file__).parent.parent.parent / "static"
PAGE = Path(__file__).parent / "page.css"
FONTS = {f"font:{weight}": f"atkinson-hyperlegible-next-5.3.0-print-{weight}.woff2" for weight in (400, 700)}
MEMORY = 1536 * 1024 * 1024  # of address space, most of it libraries
SECONDS = 60  # of a processor


class OwnFontsOnly(URLFetcher):
    """Gives the two fonts by their names; no other address is ever asked."""

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return a font. Raises PermissionError."""
        if url not in FONTS:
            raise PermissionError("a drawn page fetches nothing")
        return URLFetcherResponse(url, (STATIC / "fonts" / FONTS[url]).read_bytes())


def main() -> None:
    """Draw what standard input asks for."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked = json.load(sys.stdin)
    json.dump({"drawn": [_drawn(sheet) for sheet in asked["sheets"]]}, sys.stdout)


def _drawn(sheet: dict[str, Any]) -> str | None:
    try:
        pdf = _pdf(sheet["html"], sheet["styles"])
    except Exception as error:  # noqa: BLE001, RUF100 - one sheet fails alone
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return None
    return base64.b64encode(pdf).decode()


def _pdf(html: str, styles: list[str]) -> bytes:
    fetcher, fonts = OwnFontsOnly(), FontConfiguration()
    paths = [PAGE, *(STATIC / "css" / name for name in styles)]
    sheets = [CSS(string=path.read_text(), url_fetcher=fetcher, font_config=fonts) for path in paths]
    page = HTML(string=html, url_fetcher=fetcher)
    pdf: bytes = page.write_pdf(stylesheets=sheets, font_config=fonts, pdf_variant="pdf/ua-1", pdf_tags=True)
    return pdf


if __name__ == "__main__":
    main()
