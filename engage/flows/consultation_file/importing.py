"""Taking a file in: looked through first, line by line; then all of it or nothing; what is here stays (R39, S47)."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from engage.audit.services import record
from engage.consultations.models import (
    Consultation,
    Footnote,
    Framework,
    Question,
    QuestionOption,
    QuestionTheme,
    QuestionVersion,
    Theme,
    ThemeLink,
)
from engage.flows.consultation_file.errors import (
    ImportAddressTakenError,
    ImportClashError,
    ImportNoticeDiffersError,
    ImportQuestionsDifferError,
    ImportTooLargeError,
    LineError,
)
from engage.flows.consultation_file.parts import Asked, FileReader, Notice
from engage.flows.consultation_file.sittings import Sitting
from engage.kernel.db import Base, db
from engage.responses.enums import Purpose, ResponseStatus
from engage.responses.models import (
    Consent,
    PrivacyNotice,
    Respondent,
    RespondentIdentity,
    Response,
    ResponseChoice,
    ResponseVersion,
    Submission,
)
from engage.responses.search.index import put_in_index

MOST_SITTINGS = 100_000
MOST_FAULTS = 100  # that are told
AT_ONCE = 200
Row = dict[str, Any]


@dataclass
class Report:
    """What a file holds, or what became of it: how many of each are new, and how many were here."""

    slug: str = ""
    is_new: bool = False
    questions: int = 0
    sittings: int = 0
    here: int = 0
    responses: int = 0
    published: int = 0
    recordings: int = 0
    faults: list[LineError] = field(default_factory=list)


def check_file(file: Iterable[bytes]) -> Report:
    """Look a whole file through and store nothing; `faults` are what cannot be used, line by line.

    Raises NotOurFileError, ImportTooLargeError.
    """
    report = Report()
    for part in FileReader().read(file):
        match part:
            case LineError():
                report.faults.append(part)
                if len(report.faults) >= MOST_FAULTS:
                    return report
            case Asked("consultation", row):
                report.slug = row["slug"]
            case Asked("question"):
                report.questions += 1
            case Sitting():
                report.sittings += 1
        if report.sittings > MOST_SITTINGS:
            raise ImportTooLargeError(limit=MOST_SITTINGS)
    return report


def import_file(file: Iterable[bytes], *, at: datetime) -> Report:
    """Store what a file holds and is not here yet; what is here stays as it is.

    The file was looked through by `check_file`. Raises ImportAddressTakenError, ImportQuestionsDifferError,
    ImportNoticeDiffersError, ImportClashError.
    """
    report, store = Report(), _Store()
    asked: list[Asked] = []
    sittings: list[Sitting] = []
    for part in FileReader().read(file):
        match part:
            case LineError():
                raise part
            case Notice():
                store.told[part.version, part.language] = part.body
            case Asked():
                asked.append(part)
            case Sitting():
                if asked:
                    store.store_asked(asked, report)
                    asked = []
                sittings.append(part)
                if len(sittings) == AT_ONCE:
                    store.store_sittings(sittings, report)
                    sittings = []
    if asked:
        store.store_asked(asked, report)
    store.store_sittings(sittings, report)
    after = {"sittings": report.sittings, "responses": report.responses, "consultation": report.is_new}
    record("command:consultation:import", f"consultation:{store.consultation_id}", at=at, after=after)
    return report


@dataclass
class _Store:
    """Writes rows; `told` is what the notices said to the people of the file, `notices` their ids here."""

    consultation_id: uuid.UUID | None = None
    told: dict[tuple[int, str], str] = field(default_factory=dict)
    notices: dict[tuple[int, str], uuid.UUID] = field(default_factory=dict)

    def store_asked(self, parts: Sequence[Asked], report: Report) -> None:
        """Store the consultation, or see that the one that is here asks the same."""
        row = dict(parts[0].row)
        self.consultation_id, report.slug = row["id"], row["slug"]
        questions = [part.row for part in parts if part.kind == "question"]
        known = db.session.get(Consultation, row["id"])
        if known is not None:
            self._check_questions(questions)
            return
        if db.session.scalar(select(Consultation.id).where(Consultation.slug == row["slug"])) is not None:
            raise ImportAddressTakenError(slug=row["slug"])
        report.is_new, report.questions = True, len(questions)
        footnotes = [{**each, "consultation_id": row["id"]} for each in row.pop("footnotes")]
        _insert(Consultation, [row])
        for part in parts:
            if part.kind == "framework":
                footnotes += self._store_framework(part.row)
        _insert(Footnote, footnotes)
        _insert(ThemeLink, [part.row for part in parts if part.kind == "theme_link"])
        for question in questions:
            self._store_question(question)

    def _check_questions(self, questions: Iterable[Row]) -> None:
        statement = select(Question.number, Question.id).where(Question.consultation_id == self.consultation_id)
        here = {row.number: row.id for row in db.session.execute(statement)}
        for question in questions:
            if here.get(question["number"]) != question["id"]:
                raise ImportQuestionsDifferError(number=question["number"])

    def _store_framework(self, row: Row) -> list[Row]:
        """Store a framework with its themes; returns its footnotes."""
        columns = {name: value for name, value in row.items() if name not in ("themes", "footnotes")}
        _insert(Framework, [{**columns, "consultation_id": self.consultation_id}])
        _insert(Theme, [{**theme, "framework_id": row["id"]} for theme in row["themes"]])
        return [{**each, "framework_id": row["id"]} for each in row["footnotes"]]

    def _store_question(self, row: Row) -> None:
        lists = ("options", "versions", "themes")
        columns = {name: value for name, value in row.items() if name not in lists}
        _insert(Question, [{**columns, "consultation_id": self.consultation_id}])
        _insert(QuestionOption, [{**each, "question_id": row["id"]} for each in row["options"]])
        _insert(QuestionVersion, [{**each, "question_id": row["id"]} for each in row["versions"]])
        _insert(QuestionTheme, [{"question_id": row["id"], "theme_id": theme} for theme in row["themes"]])

    def store_sittings(self, sittings: Sequence[Sitting], report: Report) -> None:
        """Store those of some sittings that are not here."""
        new = self._not_here(sittings)
        report.here += len(sittings) - len(new)
        report.sittings += len(new)
        if not new:
            return
        self._store_respondents(new)
        _insert(Submission, [{**each.submission, "consultation_id": self.consultation_id} for each in new])
        responses = [self._response(row, each.consents) for each in new for row in each.responses]
        _insert(Response, sorted(responses, key=lambda row: row["depth"]))
        _insert(ResponseChoice, [row for each in new for row in each.choices])
        _insert(ResponseVersion, [row for each in new for row in each.versions])
        _insert(Consent, [self._consent(row) for each in new for row in each.consents])
        put_in_index([row["id"] for row in responses])
        report.responses += len(responses)
        report.published += sum(row["status"] is ResponseStatus.PUBLISHED for row in responses)
        report.recordings += sum(each.recordings for each in new)

    def _not_here(self, sittings: Sequence[Sitting]) -> list[Sitting]:
        statement = select(Submission.id, Submission.consultation_id, Submission.event_id).where(
            Submission.id.in_([each.submission["id"] for each in sittings])
        )
        here = {id_: (about, event_id) for id_, about, event_id in db.session.execute(statement)}
        if any(about != (self.consultation_id, None) for about in here.values()):
            raise ImportClashError
        return [each for each in sittings if each.submission["id"] not in here]

    def _store_respondents(self, sittings: Sequence[Sitting]) -> None:
        """Store whom is not here yet; whose respondent they are is added for new ones alone."""
        wanted = {each.respondent["id"]: each for each in sittings if each.respondent is not None}
        here = set(db.session.scalars(select(Respondent.id).where(Respondent.id.in_(wanted))))
        new = [each for id_, each in wanted.items() if id_ not in here]
        _insert(Respondent, [each.respondent for each in new if each.respondent is not None])
        _insert(RespondentIdentity, [each.identity for each in new if each.identity is not None])

    def _response(self, row: Row, consents: Iterable[Row]) -> Row:
        may_publish = any(
            consent["response_id"] == row["id"]
            and consent["purpose"] is Purpose.PUBLISH_SITE
            and consent["granted"]
            and consent["withdrawn_at"] is None
            for consent in consents
        )
        return {**row, "consultation_id": self.consultation_id, "may_publish": may_publish}

    def _consent(self, row: Row) -> Row:
        return {**{name: value for name, value in row.items() if name != "notice"}, "notice_id": self._notice(row)}

    def _notice(self, row: Row) -> uuid.UUID:
        """Return the notice that a consent was given to. Raises ImportNoticeDiffersError unless it is here, too."""
        version, language = row["notice"]
        if (version, language) not in self.notices:
            notice = db.session.scalar(
                select(PrivacyNotice).where(PrivacyNotice.version == version, PrivacyNotice.language == language)
            )
            if notice is None or notice.body != self.told.get((version, language)):
                raise ImportNoticeDiffersError(version=version, language=language)
            self.notices[version, language] = notice.id
        return self.notices[version, language]


def _insert(model: type[Base], rows: Sequence[Row]) -> None:
    if rows:
        db.session.execute(insert(model), rows)
