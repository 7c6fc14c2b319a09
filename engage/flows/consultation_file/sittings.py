"""A line that is a sitting: what must be true of it, whoever wrote the file (P2, P4, I10, I12)."""

import uuid
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from engage.flows.consultation_file.lines import Fields, check_email
from engage.kernel.clock import start_of_day
from engage.media.enums import MediaKind
from engage.responses.enums import (
    Attribution,
    Channel,
    HoldReason,
    IdentityBasis,
    Purpose,
    RespondentKind,
    ResponseKind,
    ResponseStatus,
    VersionKind,
    VersionSource,
)
from engage.responses.models.store import DEEPEST
from engage.responses.services.answers import LONGEST_OTHER
from engage.responses.services.sittings import LONGEST_BODY

MOST_RESPONSES, MOST_VERSIONS, MOST_CONSENTS, MOST_CHOICES = 2_000, 500, 200, 60
LANGUAGE = "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})?"

Row = dict[str, Any]


@dataclass(frozen=True)
class Sitting:
    """The rows of a sitting. A consent names its notice by version and language; `recordings` were left out."""

    submission: Row
    respondent: Row | None
    identity: Row | None
    responses: list[Row]
    choices: list[Row]
    versions: list[Row]
    consents: list[Row]
    recordings: int


@dataclass
class SittingReader:
    """Reads sittings on questions by number; remembers whom and what it has read, which others may point to."""

    questions: Mapping[int, Row]
    notices: Set[tuple[int, str]]
    respondents: dict[uuid.UUID, Row] = field(default_factory=dict)
    places: dict[uuid.UUID, tuple[int, int, uuid.UUID]] = field(default_factory=dict)  # question, depth, root
    seen: set[uuid.UUID] = field(default_factory=set)

    def read(self, fields: Fields) -> Sitting:
        """Return the rows of a sitting. Raises LineError."""
        id_ = fields.id("id")
        if id_ in self.seen:
            raise fields.refused("id", "a sitting above has it")
        self.seen.add(id_)
        submission = {
            "id": id_,
            "channel": fields.one_of("channel", Channel),
            "receipt_hash": fields.matching("receipt_hash", "[0-9a-f]{64}"),
            "withdrawn_on": fields.perhaps_day("withdrawn_on"),
            "is_sample": fields.flag("is_sample"),
        }
        respondent, identity = self._respondent(fields.perhaps_object("respondent"))
        submission["respondent_id"] = respondent and respondent["id"]
        sitting = Sitting(submission, respondent, identity, [], [], [], [], 0)
        recordings = 0
        for each in fields.objects("responses", MOST_RESPONSES):
            recordings += self._response(each, sitting)
        gone = all(row["status"] is ResponseStatus.WITHDRAWN for row in sitting.responses)
        if submission["withdrawn_on"] is not None and not gone:
            raise fields.refused("withdrawn_on", "not all of it was taken back")
        return Sitting(**{**vars(sitting), "recordings": recordings})

    def _respondent(self, fields: Fields | None) -> tuple[Row | None, Row | None]:
        if fields is None:
            return None, None
        row: Row = {
            "id": fields.id("id"),
            "kind": fields.one_of("kind", RespondentKind),
            "organisation_name": fields.perhaps_text("organisation_name", 200),
            "identity_basis": fields.one_of("identity_basis", IdentityBasis),
        }
        who = {"name": fields.perhaps_text("name", 200), "email": fields.perhaps_text("email", 254)}
        fields.finish()
        check_email(fields, "email", who["email"])
        if self.respondents.setdefault(row["id"], row | who) != row | who:
            raise fields.refused("id", "somebody else above has it")
        return row, ({"respondent_id": row["id"], **who} if any(who.values()) else None)

    def _response(self, fields: Fields, sitting: Sitting) -> int:
        """Add the rows of a response; returns 1 if it has a recording."""
        row: Row = {
            "id": fields.id("id"),
            "submission_id": sitting.submission["id"],
            "respondent_id": sitting.submission["respondent_id"],
            "kind": fields.one_of("kind", ResponseKind),
            "depth": fields.number("depth", 0, DEEPEST),
            "by_organisation": fields.flag("by_organisation"),
            "language": fields.matching("language", LANGUAGE),
            "attribution": fields.one_of("attribution", Attribution),
            "display_name": fields.perhaps_text("display_name", 200),
            "status": fields.one_of("status", ResponseStatus),
            "held_for": fields.perhaps_one_of("held_for", HoldReason),
            "received_on": fields.day("received_on"),
            "leaves_gap": fields.flag("leaves_gap"),
            "body_original": fields.text("body_original", LONGEST_BODY, multiline=True),
            "body": fields.text("body", LONGEST_BODY, multiline=True),
        }
        question = self._place(fields, row)
        choices = self._choices(fields, row["id"], question)
        versions = [_version(each, row["id"]) for each in fields.objects("versions", MOST_VERSIONS)]
        consents = [self._consent(each, row) for each in fields.objects("consents", MOST_CONSENTS)]
        has_recording = _recording(fields.perhaps_object("recording"))
        fields.finish()
        _check_naming(fields, row)
        _check_words(fields, row, versions, is_empty=not (choices or has_recording))
        _check_state(fields, row, consents, is_confidential=question["is_confidential"])
        sitting.responses.append(row)
        sitting.choices.extend(choices)
        sitting.versions.extend(versions)
        sitting.consents.extend(consents)
        return int(has_recording)

    def _place(self, fields: Fields, row: Row) -> Row:
        """Put a response to its question, and a reply under what stands above it; returns the question."""
        number = fields.number("question", 1)
        question = self.questions.get(number)
        if question is None:
            raise fields.refused("question", "no question above has this number")
        version = fields.perhaps_number("question_version", 1, question["version"])
        parent, root = fields.perhaps_id("parent"), fields.perhaps_id("root")
        if row["kind"] not in (ResponseKind.ANSWER, ResponseKind.CHOICE, ResponseKind.REPLY):
            raise fields.refused("kind", "comments and questions to speakers belong to events")
        is_reply = row["kind"] is ResponseKind.REPLY
        above = self.places.get(parent) if parent else None
        if is_reply != (above is not None) or (above is None and (parent or root or row["depth"])):
            raise fields.refused("parent", "only a reply stands under a response, and under one further up in the file")
        if above is not None and (above[0], above[1] + 1, above[2]) != (number, row["depth"], root):
            raise fields.refused("parent", "a reply has the question and the root of what it stands under")
        if row["id"] in self.places:
            raise fields.refused("id", "a response above has it")
        self.places[row["id"]] = number, row["depth"], root or row["id"]
        known = {question["version"], *(each["version"] for each in question["versions"])}
        if version is not None and version not in known:
            raise fields.refused("question_version", "the question has no such version")
        row.update(question_id=question["id"], question_version=version, parent_id=parent, root_id=root)
        return question

    def _choices(self, fields: Fields, response_id: uuid.UUID, question: Row) -> list[Row]:
        options = {option["id"] for option in question["options"]}
        rows = []
        for each in fields.objects("choices", MOST_CHOICES):
            option = each.id("option")
            if option not in options:
                raise each.refused("option", "the question has no such option")
            other = each.perhaps_text("other", LONGEST_OTHER)
            rows.append({"response_id": response_id, "option_id": option, "other_text": other})
            each.finish()
        if len({row["option_id"] for row in rows}) != len(rows):
            raise fields.refused("choices", "an option is chosen twice")
        return rows

    def _consent(self, fields: Fields, response: Row) -> Row:
        row: Row = {
            "id": fields.id("id"),
            "response_id": response["id"],
            "purpose": fields.one_of("purpose", Purpose),
            "granted": fields.flag("granted"),
            "wording_shown": fields.text("wording_shown", 300),
            "language": fields.matching("language", LANGUAGE),
            "given_at": fields.moment("given_at"),
            "withdrawn_at": fields.perhaps_moment("withdrawn_at"),
        }
        notice = fields.perhaps_object("notice")
        if notice is None:
            raise fields.refused("notice", "it is missing")
        row["notice"] = notice.number("version", 1), notice.text("language", 10)
        notice.finish()
        fields.finish()
        if row["notice"] not in self.notices:
            raise fields.refused("notice", "no line above holds this version of the privacy notice")
        if response["attribution"] is Attribution.ANONYMOUS and not all(
            moment is None or moment == start_of_day(moment) for moment in (row["given_at"], row["withdrawn_at"])
        ):
            raise fields.refused("given_at", "of anonymous responses the day alone is kept")
        return row


def _version(fields: Fields, response_id: uuid.UUID) -> Row:
    row: Row = {
        "response_id": response_id,
        "number": fields.number("number", 1),
        "kind": fields.one_of("kind", VersionKind),
        "language": fields.matching("language", LANGUAGE),
        "body": fields.text("body", LONGEST_BODY, multiline=True),
        "source": fields.one_of("source", VersionSource),
        "reason": fields.perhaps_text("reason", 500, multiline=True),
        "made_on": fields.day("made_on"),
    }
    fields.finish()
    return row


def _recording(fields: Fields | None) -> bool:
    if fields is None:
        return False
    fields.one_of("kind", MediaKind)
    fields.perhaps_text("sha256", 64)
    fields.perhaps_number("duration_ms")
    fields.finish()
    return True


def _check_naming(fields: Fields, row: Row) -> None:
    """I10, I11: nothing leads from an anonymous response to anybody, and a name stands only where one is shown."""
    is_anonymous = row["attribution"] is Attribution.ANONYMOUS
    if is_anonymous != (row["respondent_id"] is None):
        raise fields.refused("attribution", "a response is anonymous if and only if its sitting has no respondent")
    unnamed = (Attribution.ANONYMOUS, Attribution.NOT_PUBLISHED)
    if row["display_name"] is not None and row["attribution"] in unnamed:
        raise fields.refused("display_name", "no name may be shown")


def _check_words(fields: Fields, row: Row, versions: list[Row], *, is_empty: bool) -> None:
    """Rule 3: what is shown is the original or a version of it; of what was taken back there is nothing (P13)."""
    numbers = [version["number"] for version in versions]
    if len(set(numbers)) != len(numbers):
        raise fields.refused("versions", "two have one number")
    if row["status"] is ResponseStatus.WITHDRAWN:
        if row["body"] or row["body_original"] or row["display_name"] or versions or not is_empty:
            raise fields.refused("status", "of what was taken back no words are kept")
        return
    if is_empty and not row["body_original"]:
        raise fields.refused("body_original", "nothing was said")
    if row["body"] not in {row["body_original"], *(version["body"] for version in versions)}:
        raise fields.refused("body", "it is neither the original nor one of its versions")


def _check_state(fields: Fields, row: Row, consents: list[Row], *, is_confidential: bool) -> None:
    """I12, P14: nothing is published that may not be; what is held has a reason."""
    if (row["status"] is ResponseStatus.HELD) != (row["held_for"] is not None):
        raise fields.refused("held_for", "what is held has a reason, and nothing else has one")
    standing = [row["purpose"] for row in consents if row["withdrawn_at"] is None]
    if len(set(standing)) != len(standing):
        raise fields.refused("consents", "two consents to one use stand")
    allowed = {each["purpose"] for each in consents if each["granted"] and each["withdrawn_at"] is None}
    if is_confidential and (consents or row["status"] is ResponseStatus.PUBLISHED):
        raise fields.refused("consents", "the question is confidential: an answer to it goes nowhere")
    if row["status"] is ResponseStatus.PUBLISHED and Purpose.PUBLISH_SITE not in allowed:
        raise fields.refused("status", "it is published without a consent that stands")
    if row["status"] is ResponseStatus.WITHDRAWN and allowed:
        raise fields.refused("consents", "it was taken back, and a consent stands")
