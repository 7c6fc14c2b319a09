"""What a question is about: joined to what its consultation lists, at any time, without another version of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy.orm import Session

from engage.consultations.errors import ThemeNotListedError
from engage.consultations.models import QuestionTheme
from engage.consultations.services import lock_question, remove_question, remove_theme
from tests.consultations.makers import AT, ask, how, missions, reword

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]


def _joined(session: Session) -> int:
    session.flush()
    return session.query(QuestionTheme).count()


def test_a_question_is_about_what_its_consultation_lists(unit: Unit) -> None:
    with unit() as session:
        consultation, framework = missions()
        work, transport, *_ = framework.themes
        question = ask(consultation, themes=frozenset({transport.id, work.id}))
        assert [theme.title for theme in question.themes] == ["Work", "Transport"]
        assert reword(question, themes=frozenset({transport.id}))
        assert not reword(question, themes=frozenset({transport.id})), "nothing was different"
        session.expire_all()

        assert [theme.title for theme in question.themes] == ["Transport"]


def test_what_an_answered_question_is_about_changes_without_another_version(unit: Unit) -> None:
    with unit():
        consultation, framework = missions()
        question = ask(consultation)
        lock_question(question.id, AT)
        assert reword(question, themes=frozenset({framework.themes[0].id}))

        assert question.version == 1
        assert [theme.title for theme in question.themes] == ["Work"]


def test_a_question_is_not_about_what_another_consultation_lists(unit: Unit) -> None:
    with unit():
        consultation, _framework = missions()
        _other, theirs = missions("other-plans")
        question = ask(consultation)
        for change in (lambda ids: ask(consultation, themes=ids), lambda ids: reword(question, themes=ids)):
            with pytest.raises(ThemeNotListedError):
                change(frozenset({theirs.themes[0].id}))


def test_what_is_taken_out_leaves_nothing_joined(unit: Unit) -> None:
    """R39: nothing is orphaned."""
    with unit() as session:
        consultation, framework = missions()
        work, transport, *_ = framework.themes
        first = ask(consultation, "First?", themes=frozenset({work.id, transport.id}))
        second = ask(consultation, "Second?", themes=frozenset({work.id}))
        assert _joined(session) == 3
        remove_theme(work.id, **how(consultation))
        session.expire_all()
        assert [len(question.themes) for question in (first, second)] == [1, 0]
        remove_question(first.id, **how(consultation))

        assert _joined(session) == 0
