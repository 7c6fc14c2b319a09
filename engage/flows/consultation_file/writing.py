"""A consultation as lines of JSON: what it asks, then a line for each sitting (docs/consultation-file.md)."""

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import selectinload

from engage.accounts.models import Person
from engage.consultations.hold_rules import HoldRules
from engage.consultations.models import (
    Consultation,
    Footnote,
    Framework,
    Question,
    QuestionTheme,
    QuestionVersion,
)
from engage.consultations.queries import links_between
from engage.flows.consultation_file import FORMAT, VERSION
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.enums import ResponseStatus
from engage.responses.models import (
    Consent,
    PrivacyNotice,
    Respondent,
    RespondentIdentity,
    Response,
    Submission,
)
from engage.responses.models.store import DEEPEST

AT_ONCE = 200  # sittings that are held in memory

Line = dict[str, Any]


def count_sittings(consultation_id: uuid.UUID) -> int:
    """Return how many sittings the file of a consultation has."""
    mine = select(func.count()).select_from(Submission).where(*_of(consultation_id))
    return db.session.scalar(mine) or 0


def consultation_lines(
    consultation: Consultation, *, with_identities: bool, site: Site, at: datetime
) -> Iterator[Line]:
    """Give the lines of the file: its head, what is asked, and the sittings, those that reply to others after them.

    Sittings stand by their random ids, so that nothing tells which came first (P4). Of what was taken back there is
    its place alone (P13).
    """
    yield {
        "format": FORMAT,
        "version": VERSION,
        "site": site.base_url,
        "exported_at": at,
        "identities": with_identities,
        "recordings": "left out",
    }
    notices = select(PrivacyNotice).order_by(PrivacyNotice.version, PrivacyNotice.language)
    known = {notice.id: notice for notice in db.session.scalars(notices)}
    for notice in known.values():
        yield {
            "is": "privacy_notice",
            **_plain(notice, "version", "language", "body", "effective_from"),
        }
    yield from _what_is_asked(consultation)
    numbers = {question.id: question.number for question in consultation.questions}
    writer = _Sittings(numbers, known, with_identities=with_identities)
    for depth in range(DEEPEST + 1):
        for submissions in _sittings(consultation.id, depth):
            yield from writer.lines(submissions)


def as_json(line: Line) -> bytes:
    """Return a line as it stands in the file."""
    return json.dumps(line, ensure_ascii=False, default=_as_text).encode() + b"\n"


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(row: object, *names: str) -> Line:
    return {name: getattr(row, name) for name in names}


def _what_is_asked(consultation: Consultation) -> Iterator[Line]:
    rules = consultation.hold_rules
    yield {
        "is": "consultation",
        **_plain(consultation, "id", "slug", "title", "intro", "why_now", "status", "opens_at", "closes_at"),
        **_plain(consultation, "late_until", "moderation_mode", "contact_email", "version"),
        **_plain(consultation, "created_at", "updated_at", "is_sample"),
        "hold_rules": rules and HoldRules.read(rules).stored(),
        "footnotes": _footnotes(consultation.footnotes),
    }
    frameworks = sorted(consultation.frameworks, key=lambda framework: (framework.title, framework.id))
    for framework in frameworks:
        yield {"is": "framework", **_framework(framework)}
    for link in links_between([theme for framework in frameworks for theme in framework.themes]):
        yield {
            "is": "theme_link",
            **_plain(link, "id", "relation", "note"),
            "from": link.from_id,
            "to": link.to_id,
        }
    for question in consultation.questions:
        yield {"is": "question", **_question(question)}


def _framework(framework: Framework) -> Line:
    return {
        **_plain(framework, "id", "kind", "title", "source_title", "source_url", "source_published_on"),
        **_plain(framework, "stated_count", "reviewed_on", "review_due_on"),
        "themes": [_plain(theme, "id", "number", "title", "body", "target_year") for theme in framework.themes],
        "footnotes": _footnotes(framework.footnotes),
    }


def _footnotes(footnotes: Sequence[Footnote]) -> list[Line]:
    return [_plain(footnote, "id", "number", "text", "url") for footnote in footnotes]


def _question(question: Question) -> Line:
    versions = select(QuestionVersion).where(QuestionVersion.question_id == question.id)
    themes = select(QuestionTheme.theme_id).where(QuestionTheme.question_id == question.id)
    return {
        **_plain(question, "id", "number", "type", "text", "help", "required", "max_words", "allows_text"),
        **_plain(question, "allows_audio", "allows_video", "media_min_s", "media_max_s", "is_confidential"),
        **_plain(question, "version", "locked_at"),
        "options": [_plain(each, "id", "position", "text", "is_other", "retired_at") for each in question.options],
        "versions": [
            _plain(each, "id", "version", "text", "help", "options", "replaced_at")
            for each in db.session.scalars(versions.order_by(QuestionVersion.version))
        ],
        "themes": sorted(db.session.scalars(themes)),
    }


def _of(consultation_id: uuid.UUID) -> tuple[Any, ...]:
    """Return the condition for a sitting of the consultation itself: comments belong to their events."""
    return Submission.consultation_id == consultation_id, Submission.event_id.is_(None)


def _sittings(consultation_id: uuid.UUID, depth: int) -> Iterator[Sequence[Submission]]:
    """Give the sittings whose deepest response is as deep, a few at a time."""
    mine = Response.submission_id == Submission.id
    has = exists().where(mine, Response.depth == depth)
    wanted = has if depth else or_(has, ~exists().where(mine))
    deeper = exists().where(mine, Response.depth > depth)
    statement = (
        select(Submission)
        .where(*_of(consultation_id), wanted, ~deeper)
        .options(
            selectinload(Submission.responses).options(
                selectinload(Response.choices),
                selectinload(Response.versions),
                selectinload(Response.consents),
                selectinload(Response.media),
            )
        )
        .order_by(Submission.id)
    )
    yield from db.session.scalars(statement, execution_options={"yield_per": AT_ONCE}).partitions()


class _Sittings:
    """Writes sittings: knows the questions by number and the notices by version."""

    def __init__(
        self, numbers: dict[uuid.UUID, int], notices: dict[uuid.UUID, PrivacyNotice], *, with_identities: bool
    ) -> None:
        self.numbers, self.notices, self.with_identities = numbers, notices, with_identities

    def lines(self, submissions: Sequence[Submission]) -> Iterator[Line]:
        """Give a line for each of some sittings."""
        ids = {submission.respondent_id for submission in submissions if submission.respondent_id}
        respondents = self._respondents(ids)
        for submission in submissions:
            yield {
                "is": "sitting",
                **_plain(submission, "id", "channel", "receipt_hash", "withdrawn_on", "is_sample"),
                "respondent": respondents.get(submission.respondent_id),
                "responses": [
                    self._response(response) for response in sorted(submission.responses, key=lambda each: each.id)
                ],
            }

    def _respondents(self, ids: set[uuid.UUID]) -> dict[uuid.UUID | None, Line]:
        rows = db.session.execute(
            select(
                Respondent,
                func.coalesce(RespondentIdentity.name, Person.name),
                func.coalesce(RespondentIdentity.email, Person.email),
            )
            .outerjoin(RespondentIdentity, RespondentIdentity.respondent_id == Respondent.id)
            .outerjoin(Person, Person.id == RespondentIdentity.person_id)
            .where(Respondent.id.in_(ids))
        )
        return {
            respondent.id: {
                **_plain(respondent, "id", "kind", "organisation_name", "identity_basis"),
                "name": name if self.with_identities else None,
                "email": email if self.with_identities else None,
            }
            for respondent, name, email in rows
        }

    def _response(self, response: Response) -> Line:
        is_gone = response.status is ResponseStatus.WITHDRAWN
        media = None if is_gone else response.media
        return {
            **_plain(response, "id", "kind", "question_version", "depth", "by_organisation", "language", "attribution"),
            **_plain(response, "status", "held_for", "received_on", "leaves_gap"),
            "question": self.numbers.get(response.question_id) if response.question_id else None,
            "parent": response.parent_id,
            "root": response.root_id,
            "display_name": None if is_gone else response.display_name,
            "body_original": "" if is_gone else response.body_original,
            "body": "" if is_gone else response.body,
            "choices": [] if is_gone else self._choices(response),
            "versions": []
            if is_gone
            else [
                _plain(each, "number", "kind", "language", "body", "source", "reason", "made_on")
                for each in response.versions
            ],
            "consents": [self._consent(each) for each in sorted(response.consents, key=_by_use)],
            "recording": media and _plain(media, "kind", "sha256", "duration_ms"),
        }

    def _choices(self, response: Response) -> list[Line]:
        chosen = sorted(response.choices, key=lambda choice: choice.option_id)
        return [{"option": choice.option_id, "other": choice.other_text} for choice in chosen]

    def _consent(self, consent: Consent) -> Line:
        notice = self.notices[consent.notice_id]
        return {
            **_plain(consent, "id", "purpose", "granted", "wording_shown", "language", "given_at", "withdrawn_at"),
            "notice": _plain(notice, "version", "language"),
        }


def _by_use(consent: Consent) -> tuple[Any, ...]:
    return consent.purpose, consent.given_at, str(consent.id)
