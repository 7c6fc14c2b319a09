"""The words of a letter: plain paragraphs with placeholders such as {name}, filled in for each reader.

A placeholder is filled once: braces in somebody's name are only text. In HTML a web address is a link, and a link that
we put in has words of its own; nothing else of a letter is anything but text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engage.bookings.enums import Segment
from engage.bookings.errors import LetterEmptyError, LinkInSubjectError, PlaceholderError
from engage.kernel.i18n import N_
from engage.kernel.text import clean

LONGEST_SUBJECT = 150
LONGEST_BODY = 10_000
BRACES = re.compile(r"\{([^{}\n]{0,60})\}")
EMPTY_LINE = re.compile(r"\n[ \t]*\n\s*")
PIECE = re.compile(r"\{([a-z_]+)\}|(https?://[^\s<>\"{}]+[^\s<>\"{}.,;:!?)'])")
WORDS = ("name", "event", "when")  # what may stand in a subject as well
OF_PLACES = ("event_link", "join_link", "booking_link", "comment_link")
LINKS = {
    Segment.BOOKED: OF_PLACES,
    Segment.WAITING: ("event_link", "booking_link"),
    Segment.ATTENDED: OF_PLACES,
    Segment.MISSED: OF_PLACES,
    Segment.SPEAKERS: ("event_link",),
}
LABELS = {
    "event_link": N_("The event’s page"),
    "join_link": N_("My private way in"),
    "booking_link": N_("See my booking"),
    "comment_link": N_("Write a comment"),
}


@dataclass(frozen=True)
class Piece:
    """Some words; with an `address` they are a link, and plain text shows the address."""

    words: str
    address: str = ""


Line = list[Piece]
Paragraph = list[Line]


def known_placeholders(segment: Segment) -> list[str]:
    """Return what may stand in a letter to a segment, with its braces."""
    return [f"{{{name}}}" for name in (*WORDS, *LINKS[segment])]


def check_words(subject: str, body: str, segment: Segment) -> tuple[str, str]:
    """Return subject and text of a letter, cleaned. Raises LetterEmptyError, PlaceholderError, LinkInSubjectError."""
    subject, body = clean(subject), clean(body, multiline=True)
    if not subject or not body:
        raise LetterEmptyError("body" if subject else "subject")
    for field, text in (("subject", subject), ("body", body)):
        unknown = [name for name in BRACES.findall(text) if f"{{{name}}}" not in known_placeholders(segment)]
        if unknown:
            known = ", ".join(known_placeholders(segment))
            raise PlaceholderError(field, unknown=f"{{{unknown[0]}}}", known=known)
    in_subject = [name for name in BRACES.findall(subject) if name not in WORDS]
    if in_subject:
        raise LinkInSubjectError(name=f"{{{in_subject[0]}}}")
    return subject, body


def fill_subject(subject: str, values: Mapping[str, str]) -> str:
    """Return a subject for one reader."""
    return clean(BRACES.sub(lambda found: values.get(found[1], found[0]), subject))


def fill_body(body: str, values: Mapping[str, str], labels: Mapping[str, str]) -> list[Paragraph]:
    """Return the paragraphs of a letter for one reader; `labels` are the words of the links that `values` hold."""
    return [
        [_pieces(line.rstrip(), values, labels) for line in paragraph.split("\n")]
        for paragraph in EMPTY_LINE.split(body.strip())
    ]


def _pieces(line: str, values: Mapping[str, str], labels: Mapping[str, str]) -> Line:
    pieces, end = [], 0
    for found in PIECE.finditer(line):
        name, address = found[1], found[2]
        if name is not None and name not in values:
            continue
        pieces.append(Piece(line[end : found.start()]))
        if name is None:
            pieces.append(Piece(address, address))
        else:
            pieces.append(Piece(labels[name], values[name]) if name in labels else Piece(values[name]))
        end = found.end()
    pieces.append(Piece(line[end:]))
    return [piece for piece in pieces if piece.words]
