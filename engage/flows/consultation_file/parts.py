"""What the lines of a file say, as rows for the tables; how each line is read and what must be true of it (S47)."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engage.consultations.enums import (
    ConsultationStatus,
    FrameworkKind,
    ModerationMode,
    QuestionType,
    ThemeRelation,
)
from engage.consultations.hold_rules import LONGEST_WORD, MOST_FLAGS, MOST_WORDS
from engage.consultations.queries import LARGEST_NUMBER
from engage.flows.consultation_file import FORMAT, VERSION
from engage.flows.consultation_file.errors import LineError, NotOurFileError
from engage.flows.consultation_file.lines import Fields, check_email, read_lines
from engage.flows.consultation_file.sittings import Sitting, SittingReader
from engage.kernel.slugs import is_slug
from engage.kernel.text import clean_url

MOST_QUESTIONS, MOST_OPTIONS, MOST_VERSIONS = 2_000, 60, 500
MOST_FRAMEWORKS, MOST_THEMES, MOST_FOOTNOTES = 50, 60, 500
LONGEST_TEXT = 20_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """What a version of the privacy notice said where the file comes from."""

    version: int
    language: str
    body: str


@dataclass(frozen=True)
class Asked:
    """A part of what is asked: `kind` is what the line says it is, `row` its columns, lists of rows among them."""

    kind: str
    row: Row


Part = Notice | Asked | Sitting


@dataclass
class FileReader:
    """Reads a file line by line, and remembers what later lines point to."""

    stage: int = 0
    questions: dict[int, Row] = field(default_factory=dict)
    themes: set[uuid.UUID] = field(default_factory=set)
    notices: set[tuple[int, str]] = field(default_factory=set)
    sittings: SittingReader = field(init=False)

    def __post_init__(self) -> None:
        self.sittings = SittingReader(self.questions, self.notices)

    def read(self, file: Iterable[bytes]) -> Iterator[Part | LineError]:
        """Give what each line says, or why it cannot be used. Raises NotOurFileError when the first one is no head."""
        lines = read_lines(file)
        _read_head(next(lines, None))
        for fields in lines:
            if isinstance(fields, LineError):
                yield fields
                continue
            try:
                part = self._part(fields)
                fields.finish()
            except LineError as error:
                yield error
            else:
                yield part

    def _part(self, fields: Fields) -> Part:
        kind = fields.matching("is", "[a-z_]{1,40}")
        readers: dict[str, Callable[[Fields], Part]] = {
            "privacy_notice": self._notice,
            "consultation": lambda fields: Asked("consultation", _consultation(fields)),
            "framework": self._framework,
            "theme_link": self._theme_link,
            "question": self._question,
            "sitting": self.sittings.read,
        }
        if kind not in readers:
            raise fields.refused("is", "no line of this kind is known")
        stage = list(readers).index(kind)
        if stage < self.stage or (self.stage < 1 < stage) or (kind == "consultation" and self.stage == 1):
            raise fields.refused("is", "it does not stand here: the order of lines is another")
        self.stage = stage
        return readers[kind](fields)

    def _notice(self, fields: Fields) -> Notice:
        notice = Notice(
            version=fields.number("version", 1),
            language=fields.text("language", 10),
            body=fields.verbatim("body", 10 * LONGEST_TEXT),
        )
        fields.day("effective_from")
        self.notices.add((notice.version, notice.language))
        return notice

    def _framework(self, fields: Fields) -> Asked:
        row: Row = {
            "id": fields.id("id"),
            "kind": fields.one_of("kind", FrameworkKind),
            "title": fields.text("title", 200),
            "source_title": fields.perhaps_text("source_title", 200),
            "source_url": _url(fields, "source_url"),
            "source_published_on": fields.perhaps_day("source_published_on"),
            "stated_count": fields.perhaps_number("stated_count"),
            "reviewed_on": fields.perhaps_day("reviewed_on"),
            "review_due_on": fields.perhaps_day("review_due_on"),
            "themes": [_theme(each) for each in fields.objects("themes", MOST_THEMES)],
            "footnotes": _footnotes(fields),
        }
        _distinct(fields, "themes", row["themes"], "number")
        self.themes |= {theme["id"] for theme in row["themes"]}
        return Asked("framework", row)

    def _theme_link(self, fields: Fields) -> Asked:
        row: Row = {
            "id": fields.id("id"),
            "relation": fields.one_of("relation", ThemeRelation),
            "note": fields.perhaps_text("note", 300),
            "from_id": self._theme(fields, "from", fields.id("from")),
            "to_id": self._theme(fields, "to", fields.id("to")),
        }
        if row["from_id"] == row["to_id"]:
            raise fields.refused("to", "it leads to where it comes from")
        return Asked("theme_link", row)

    def _theme(self, fields: Fields, name: str, theme_id: uuid.UUID) -> uuid.UUID:
        if theme_id not in self.themes:
            raise fields.refused(name, "no framework above has this theme")
        return theme_id

    def _question(self, fields: Fields) -> Asked:
        row = _question(fields)
        row["themes"] = [self._theme(fields, "themes", each) for each in fields.ids("themes", MOST_THEMES)]
        if row["number"] in self.questions:
            raise fields.refused("number", "another question has it")
        if len(self.questions) >= MOST_QUESTIONS:
            raise fields.refused("number", f"at most {MOST_QUESTIONS} questions are taken in")
        self.questions[row["number"]] = row
        return Asked("question", row)


def _read_head(fields: Fields | LineError | None) -> None:
    if not isinstance(fields, Fields):
        raise NotOurFileError
    try:
        if fields.text("format", 40) != FORMAT or fields.number("version") != VERSION:
            raise NotOurFileError
        fields.text("site", 200)
        fields.moment("exported_at")
        fields.flag("identities")
        fields.text("recordings", 20)
        fields.finish()
    except LineError as error:
        raise NotOurFileError from error


def _consultation(fields: Fields) -> Row:
    row: Row = {
        "id": fields.id("id"),
        "slug": fields.text("slug", 80),
        "title": fields.text("title", 200),
        "intro": fields.text("intro", LONGEST_TEXT, multiline=True),
        "why_now": fields.text("why_now", LONGEST_TEXT, multiline=True),
        "status": fields.one_of("status", ConsultationStatus),
        "opens_at": fields.moment("opens_at"),
        "closes_at": fields.moment("closes_at"),
        "late_until": fields.perhaps_moment("late_until"),
        "moderation_mode": fields.one_of("moderation_mode", ModerationMode),
        "hold_rules": _hold_rules(fields.perhaps_object("hold_rules")),
        "contact_email": fields.perhaps_text("contact_email", 254),
        "version": fields.number("version", 1),
        "created_at": fields.moment("created_at"),
        "updated_at": fields.perhaps_moment("updated_at"),
        "is_sample": fields.flag("is_sample"),
        "footnotes": _footnotes(fields),
    }
    if not is_slug(row["slug"]):
        raise fields.refused("slug", "it cannot be the address of a page")
    if row["closes_at"] <= row["opens_at"]:
        raise fields.refused("closes_at", "it closes before it opens")
    check_email(fields, "contact_email", row["contact_email"])
    return row


def _hold_rules(fields: Fields | None) -> Row | None:
    if fields is None:
        return None
    rules = {
        "first": fields.flag("first"),
        "links": fields.flag("links"),
        "words": fields.words("words", MOST_WORDS, LONGEST_WORD),
        "flags": fields.number("flags", 0, MOST_FLAGS),
    }
    fields.finish()
    return rules


def _footnotes(fields: Fields) -> list[Row]:
    rows = []
    for each in fields.objects("footnotes", MOST_FOOTNOTES):
        rows.append(
            {
                "id": each.id("id"),
                "number": each.number("number", 1, LARGEST_NUMBER),
                "text": each.text("text", 1000, multiline=True),
                "url": _url(each, "url"),
            }
        )
        each.finish()
    _distinct(fields, "footnotes", rows, "number")
    return rows


def _url(fields: Fields, name: str) -> str | None:
    url = fields.perhaps_text(name, 500)
    if url is not None and clean_url(url) is None:
        raise fields.refused(name, "an address that begins with http:// or https:// is expected")
    return url


def _theme(fields: Fields) -> Row:
    row: Row = {
        "id": fields.id("id"),
        "number": fields.number("number", 1, LARGEST_NUMBER),
        "title": fields.text("title", 300),
        "body": fields.perhaps_text("body", LONGEST_TEXT, multiline=True),
        "target_year": fields.perhaps_number("target_year", 0, 9999),
    }
    fields.finish()
    return row


def _question(fields: Fields) -> Row:
    row: Row = {
        "id": fields.id("id"),
        "number": fields.number("number", 1, LARGEST_NUMBER),
        "type": fields.one_of("type", QuestionType),
        "text": fields.text("text", 1000, multiline=True),
        "help": fields.perhaps_text("help", LONGEST_TEXT, multiline=True),
        "required": fields.flag("required"),
        "max_words": fields.perhaps_number("max_words", 1),
        **{name: fields.flag(name) for name in ("allows_text", "allows_audio", "allows_video", "is_confidential")},
        "media_min_s": fields.number("media_min_s", 1, 3600),
        "media_max_s": fields.number("media_max_s", 1, 3600),
        "version": fields.number("version", 1),
        "locked_at": fields.perhaps_moment("locked_at"),
        "options": [_option(each) for each in fields.objects("options", MOST_OPTIONS)],
        "versions": [_question_version(each) for each in fields.objects("versions", MOST_VERSIONS)],
    }
    if row["media_min_s"] > row["media_max_s"]:
        raise fields.refused("media_max_s", "it is less than the shortest length")
    if any(each["version"] >= row["version"] for each in row["versions"]):
        raise fields.refused("versions", "an earlier version has a number that is not below that of the question")
    _distinct(fields, "options", row["options"], "position")
    _distinct(fields, "versions", row["versions"], "version")
    return row


def _option(fields: Fields) -> Row:
    row: Row = {
        "id": fields.id("id"),
        "position": fields.number("position", 0, LARGEST_NUMBER),
        "text": fields.text("text", 300),
        "is_other": fields.flag("is_other"),
        "retired_at": fields.perhaps_moment("retired_at"),
    }
    fields.finish()
    return row


def _question_version(fields: Fields) -> Row:
    row: Row = {
        "id": fields.id("id"),
        "version": fields.number("version", 1),
        "text": fields.text("text", 1000, multiline=True),
        "help": fields.perhaps_text("help", LONGEST_TEXT, multiline=True),
        "options": fields.words("options", MOST_OPTIONS, 300),
        "replaced_at": fields.moment("replaced_at"),
    }
    fields.finish()
    return row


def _distinct(fields: Fields, name: str, rows: list[Row], column: str) -> None:
    """Refuse a list in which two have one number."""
    if len({row[column] for row in rows}) != len(rows):
        raise fields.refused(name, f"two have one {column}")
