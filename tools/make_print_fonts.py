"""Make the two fonts of drawn pages from those of the site: one file for each weight, with every letter in it.

A browser takes Welsh ŵ and ŷ from a second file; a drawn page names a font once, so there both are one. Run again
when the site's fonts change: `.venv/bin/python -m tools.make_print_fonts`.
"""

import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER = Path(__file__).parent.parent / "static" / "fonts"
WEIGHTS = (400, 700)


def main() -> None:
    """Write the fonts, each named by its weight."""
    for weight in WEIGHTS:
        with tempfile.TemporaryDirectory() as folder:
            parts = []
            for number, source in enumerate(sorted(FOLDER.glob("atkinson-*-latin*.woff2"), reverse=True)):
                part = instantiateVariableFont(TTFont(source), {"wght": weight}, static=True)
                part.flavor = None
                parts.append(str(Path(folder) / f"{number}.ttf"))
                part.save(parts[-1])
            merged = Merger().merge(parts)
        merged.flavor = "woff2"
        path = FOLDER / f"atkinson-hyperlegible-next-5.3.0-print-{weight}.woff2"
        merged.save(path)
        print(f"{path.name}: {path.stat().st_size} bytes, {len(merged.getBestCmap())} letters")


if __name__ == "__main__":
    main()
