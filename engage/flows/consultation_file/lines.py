"""Reading what came from somewhere else: every value has a type and a limit, and nothing unknown is ignored (S47)."""

import json
import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from engage.flows.consultation_file.errors import LineError
from engage.kernel.text import clean, normalise_email

LONGEST_LINE = 16 * 1024 * 1024  # bytes: a sitting with every question answered at length, many times changed
LARGEST_NUMBER = 2**31 - 1
EARLIEST, LATEST = 1900, 2200
_MISSING = object()
Word = TypeVar("Word", bound=StrEnum)


class Fields:
    """An object of a line. Each read takes a field away; `finish` refuses what nobody asked for.

    All reads raise LineError, which says where.
    """

    def __init__(self, values: object, line: int, where: str = "") -> None:
        """Begin to read an object."""
        self.line, self.where = line, where
        if not isinstance(values, dict):
            raise self.refused("", "an object is expected")
        self._left: dict[str, Any] = dict(values)

    def refused(self, name: str, what: str) -> LineError:
        """Return the refusal of a field."""
        where = ".".join(filter(None, (self.where, name))) or "the line"
        return LineError(line=self.line, where=where, what=what)

    def finish(self) -> None:
        """Refuse what is left over."""
        if self._left:
            raise self.refused(sorted(self._left)[0][:60], "nothing of this name is known")

    def text(self, name: str, limit: int, *, multiline: bool = False) -> str:
        """Return words, which are as they would be kept if somebody typed them, but for white space around them."""
        text = self.perhaps_text(name, limit, multiline=multiline)
        if text is None:
            raise self.refused(name, "words are missing")
        return text

    def perhaps_text(self, name: str, limit: int, *, multiline: bool = False) -> str | None:
        """Return words, or None."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.refused(name, "words are expected")
        if len(value) > limit:
            raise self.refused(name, f"at most {limit} characters can be kept, and these are {len(value)}")
        if clean(value, multiline=multiline) != value.strip():
            raise self.refused(name, "it holds characters that are not kept, such as controls")
        return value

    def verbatim(self, name: str, limit: int) -> str:
        """Return words that are only compared, as they stand there."""
        value = self._take(name)
        if not isinstance(value, str) or len(value) > limit:
            raise self.refused(name, f"words of at most {limit} characters are expected")
        return value

    def number(self, name: str, low: int = 0, high: int = LARGEST_NUMBER) -> int:
        """Return a whole number between two bounds, both included."""
        number = self.perhaps_number(name, low, high)
        if number is None:
            raise self.refused(name, "a number is missing")
        return number

    def perhaps_number(self, name: str, low: int = 0, high: int = LARGEST_NUMBER) -> int | None:
        """Return a whole number between two bounds, or None."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.refused(name, f"a whole number from {low} to {high} is expected")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise self.refused(name, "true or false is expected")
        return value

    def id(self, name: str) -> uuid.UUID:
        """Return an id."""
        found = self.perhaps_id(name)
        if found is None:
            raise self.refused(name, "an id is missing")
        return found

    def perhaps_id(self, name: str) -> uuid.UUID | None:
        """Return an id, or None."""
        value = self._take(name)
        return None if value is None else self._id(name, value)

    def ids(self, name: str, most: int) -> list[uuid.UUID]:
        """Return a list of ids."""
        return [self._id(name, value) for value in self._list(name, most)]

    def words(self, name: str, most: int, limit: int) -> list[str]:
        """Return a list of words."""
        values = self._list(name, most)
        return [Fields({name: value}, self.line, self.where).text(name, limit) for value in values]

    def matching(self, name: str, pattern: str) -> str:
        """Return words of one shape."""
        value = self._take(name)
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise self.refused(name, "it has not the shape that is expected")
        return value

    def one_of(self, name: str, kind: type[Word]) -> Word:
        """Return one of a closed set."""
        found = self.perhaps_one_of(name, kind)
        if found is None:
            raise self.refused(name, "it is missing")
        return found

    def perhaps_one_of(self, name: str, kind: type[Word]) -> Word | None:
        """Return one of a closed set, or None."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in set(kind):
            raise self.refused(name, f"one of these is expected: {', '.join(kind)}")
        return kind(value)

    def moment(self, name: str) -> datetime:
        """Return an instant (RFC 3339, with its zone)."""
        found = self.perhaps_moment(name)
        if found is None:
            raise self.refused(name, "a moment is missing")
        return found

    def perhaps_moment(self, name: str) -> datetime | None:
        """Return an instant, or None."""
        value = self._take(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            moment = None
        if moment is None or moment.tzinfo is None or not EARLIEST < moment.year < LATEST:
            raise self.refused(name, "a moment such as 2027-03-31T12:00:00+00:00 is expected")
        return moment.astimezone(UTC)

    def day(self, name: str) -> date:
        """Return a day."""
        found = self.perhaps_day(name)
        if found is None:
            raise self.refused(name, "a day is missing")
        return found

    def perhaps_day(self, name: str) -> date | None:
        """Return a day, or None."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            raise self.refused(name, "a day such as 2027-03-31 is expected")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise self.refused(name, "there is no such day") from None
        if not EARLIEST < day.year < LATEST:
            raise self.refused(name, f"a year from {EARLIEST} to {LATEST} is expected")
        return day

    def objects(self, name: str, most: int) -> list["Fields"]:
        """Return a list of objects, each to be read and finished."""
        values = self._list(name, most)
        inside = ".".join(filter(None, (self.where, name)))
        return [Fields(value, self.line, f"{inside}[{number}]") for number, value in enumerate(values)]

    def perhaps_object(self, name: str) -> "Fields | None":
        """Return an object to be read and finished, or None."""
        value = self._take(name)
        return None if value is None else Fields(value, self.line, ".".join(filter(None, (self.where, name))))

    def _take(self, name: str) -> Any:
        value = self._left.pop(name, _MISSING)
        if value is _MISSING:
            raise self.refused(name, "it is missing")
        return value

    def _list(self, name: str, most: int) -> list[Any]:
        values = self._take(name)
        if not isinstance(values, list) or len(values) > most:
            raise self.refused(name, f"a list of at most {most} is expected")
        return values

    def _id(self, name: str, value: object) -> uuid.UUID:
        try:
            found = uuid.UUID(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None or str(found) != value:
            raise self.refused(name, "an id is expected")
        return found


def check_email(fields: Fields, name: str, address: str | None) -> None:
    """Refuse what is no address as it is kept; None is none. Raises LineError."""
    try:
        is_kept = address is None or normalise_email(address) == address
    except ValueError:
        is_kept = False
    if not is_kept:
        raise fields.refused(name, "one e-mail address in small letters is expected")


def read_lines(lines: Iterable[bytes]) -> Iterator[Fields | LineError]:
    """Give each line of a file as an object to be read, or what is wrong with it; never more than one is held."""
    for number, raw in enumerate(lines, start=1):
        if len(raw) > LONGEST_LINE:
            yield LineError(line=number, where="the line", what=f"it is longer than {LONGEST_LINE:,} bytes")
            return
        try:
            yield Fields(_parsed(raw), number)
        except LineError as error:
            yield error
        except (ValueError, RecursionError):
            yield LineError(line=number, where="the line", what="it is no JSON in UTF-8")


def _parsed(raw: bytes) -> Any:
    return json.loads(raw.decode(), object_pairs_hook=_once_each, parse_constant=_no_number, parse_float=_no_number)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"no number that is used here: {text[:20]}")
