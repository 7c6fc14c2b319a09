"""How missions and goals bear on one another, as a drawing: boxes one under another, arrows beside them.

Pure: places in user units of an SVG that is `WIDTH` wide at least. The words are the caller's.
"""

import textwrap
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from engage.consultations.enums import ThemeRelation
from engage.consultations.models import Theme, ThemeLink

WIDTH = 344
BOX_WIDTH = 252
LINE_LENGTH, LINE_HEIGHT = 25, 20  # letters of 16 units
PADDING, GAP = 12, 14
FIRST_LANE, LANE, CORNER, HEAD = 24, 18, 10, 9
EDGE = 3


@dataclass(frozen=True)
class Box:
    """A theme; `lines` are its wrapped title with the height at which each stands."""

    number: int
    top: int
    height: int
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Arrow:
    """A link; `path` and `head` are what SVG draws."""

    relation: ThemeRelation
    path: str
    head: str


@dataclass(frozen=True)
class Drawing:
    """All of it."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(themes: Sequence[Theme], links: Sequence[ThemeLink]) -> Drawing | None:
    """Return a drawing of the themes that links join, in their order; None where there is no link."""
    joined = {end for link in links for end in (link.from_id, link.to_id)}
    boxes: dict[uuid.UUID, Box] = {}
    top = EDGE
    for theme in themes:
        if theme.id in joined:
            boxes[theme.id] = _box(theme, top)
            top += boxes[theme.id].height + GAP
    drawn = [link for link in links if link.from_id in boxes and link.to_id in boxes]
    if not drawn:
        return None
    ports = _ports(drawn, boxes)
    spans = [(ports[index, "from"], ports[index, "to"]) for index in range(len(drawn))]
    lanes = _lanes(spans)
    arrows = [_arrow(link.relation, *span, lane=lane) for link, span, lane in zip(drawn, spans, lanes, strict=True)]
    width = max(WIDTH, BOX_WIDTH + FIRST_LANE + LANE * max(lanes) + EDGE)
    return Drawing(width, top - GAP + EDGE, tuple(boxes.values()), tuple(arrows))


def _box(theme: Theme, top: int) -> Box:
    wrapped = textwrap.wrap(theme.title, LINE_LENGTH) or [""]
    lines = tuple((top + PADDING + LINE_HEIGHT * n - 5, text) for n, text in enumerate(wrapped, start=1))
    return Box(theme.number, top, 2 * PADDING + LINE_HEIGHT * len(wrapped), lines)


def _ports(links: Sequence[ThemeLink], boxes: dict[uuid.UUID, Box]) -> dict[tuple[int, str], int]:
    """Return the height at which each link leaves and arrives: those of a box are spread over its side.

    What leads up stands above what leads down, so that few lines cross.
    """
    ends: dict[uuid.UUID, list[tuple[int, int, str]]] = defaultdict(list)
    for index, link in enumerate(links):
        ends[link.from_id].append((boxes[link.to_id].top, index, "from"))
        ends[link.to_id].append((boxes[link.from_id].top, index, "to"))
    places = {}
    for theme_id, here in ends.items():
        box = boxes[theme_id]
        above = sorted((end for end in here if end[0] < box.top), reverse=True)
        below = sorted((end for end in here if end[0] > box.top), reverse=True)
        for place, (_, index, end) in enumerate([*reversed(above), *below], start=1):
            places[index, end] = box.top + box.height * place // (len(here) + 1)
    return places


def _lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return how far out each line runs: short ones inside, and none over another."""
    lanes = [0] * len(spans)
    taken: list[list[tuple[int, int]]] = []
    for index in sorted(range(len(spans)), key=lambda each: abs(spans[each][0] - spans[each][1])):
        low, high = sorted(spans[index])
        inside = (n for n, lane in enumerate(taken) if all(high < a or low > b for a, b in lane))
        lane = next(inside, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        lanes[index] = lane
    return lanes


def _arrow(relation: ThemeRelation, start: int, end: int, *, lane: int) -> Arrow:
    out = BOX_WIDTH + FIRST_LANE + LANE * lane
    turn = min(CORNER, abs(end - start) // 2) * (1 if end > start else -1)
    path = (
        f"M{BOX_WIDTH} {start}H{out - CORNER}Q{out} {start} {out} {start + turn}"
        f"V{end - turn}Q{out} {end} {out - CORNER} {end}H{BOX_WIDTH + HEAD}"
    )
    head = f"M{BOX_WIDTH + 1} {end}l{HEAD + 2} -6v12z"
    return Arrow(relation, path, head)
