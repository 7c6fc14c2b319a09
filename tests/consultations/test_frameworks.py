"""Missions and goals: their source and dates, what is listed, how they bear on one another, what the texts cite."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engage.consultations.enums import ThemeRelation
from engage.consultations.errors import (
    FootnoteNumberError,
    FootnoteTextError,
    FootnoteUrlError,
    FrameworkNotFoundError,
    FrameworkTitleError,
    LinkTwiceError,
    SameThemeError,
    SourceUrlError,
    StaleConsultationError,
    StatedCountError,
    YearError,
)
from engage.consultations.footnotes import FootnoteFaults, footnote_faults
from engage.consultations.interdependencies import Drawing, draw
from engage.consultations.models import Consultation, Framework, Theme, ThemeLink
from engage.consultations.queries import links_between
from engage.consultations.services import (
    ConsultationDetails,
    FootnoteDetails,
    LinkDetails,
    ThemeDetails,
    add_footnote,
    add_theme,
    change_consultation,
    change_footnote,
    change_framework,
    change_link,
    change_theme,
    link_themes,
    remove_footnote,
    remove_framework,
    remove_theme,
    unlink_themes,
)
from engage.kernel.db import db
from tests.consultations.makers import AT, DETAILS, MISSIONS, how, missions

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]


def _link(consultation: Consultation, first: Theme, second: Theme, relation: str = "supports") -> ThemeLink:
    return link_themes(LinkDetails(first.id, second.id, ThemeRelation(relation)), **how(consultation))


def test_what_is_stated_is_compared_and_what_is_past_its_review_is_overdue(unit: Unit) -> None:
    """Rule 11."""
    with unit():
        consultation, framework = missions()
        assert framework.counts_differ()
        assert not framework.review_is_overdue(date(2026, 9, 1))
        details = replace(MISSIONS, stated_count=4, reviewed_on=date(2026, 1, 1), review_due_on=date(2026, 8, 31))
        change_framework(framework.id, details, **how(consultation))

        assert not framework.counts_differ()
        assert [framework.review_is_overdue(date(2026, month, 31)) for month in (8, 10)] == [False, True]


def test_each_refusal_of_a_list_has_its_sentence(unit: Unit) -> None:
    with unit():
        consultation, framework = missions()
        for changes, refusal in (
            ({"title": " "}, FrameworkTitleError),
            ({"source_url": "javascript:alert(1)"}, SourceUrlError),
            ({"stated_count": -1}, StatedCountError),
            ({"stated_count": 10**12}, StatedCountError),
        ):
            with pytest.raises(refusal):
                change_framework(framework.id, replace(MISSIONS, **changes), **how(consultation))
        with pytest.raises(YearError):
            add_theme(framework.id, ThemeDetails("Peace", "", 99_999), **how(consultation))
        with pytest.raises(FrameworkTitleError):
            add_theme(framework.id, ThemeDetails(" "), **how(consultation))
        with pytest.raises(StaleConsultationError):
            remove_framework(framework.id, **{**how(consultation), "version": 1})
        other, theirs = missions("other-plans")
        with pytest.raises(FrameworkNotFoundError):
            change_theme(theirs.themes[0].id, ThemeDetails("Ours?"), **how(consultation))
        with pytest.raises(FrameworkNotFoundError):
            _link(consultation, framework.themes[0], theirs.themes[0])
        link = _link(other, theirs.themes[0], theirs.themes[1])
        with pytest.raises(FrameworkNotFoundError):
            unlink_themes(link.id, **how(consultation))


def test_what_is_taken_out_takes_its_links_along_and_the_rest_closes_up(unit: Unit) -> None:
    """R39: nothing is orphaned."""
    with unit() as session:
        consultation, framework = missions()
        work, transport, housing, _health = framework.themes
        _link(consultation, transport, work)
        _link(consultation, housing, work)
        remove_theme(transport.id, **how(consultation))
        session.expire_all()

        assert [(t.number, t.title) for t in framework.themes] == [(1, "Work"), (2, "Housing"), (3, "Health")]
        assert [link.from_id for link in links_between(framework.themes)] == [housing.id]
        remove_framework(framework.id, **how(consultation))
        assert (session.query(Theme).count(), session.query(ThemeLink).count()) == (0, 0)


def test_a_link_leads_from_one_to_another_once(unit: Unit) -> None:
    with unit():
        consultation, framework = missions()
        work, transport, *_ = framework.themes
        link = _link(consultation, transport, work)
        with pytest.raises(LinkTwiceError):
            _link(consultation, transport, work)
        with pytest.raises(SameThemeError):
            _link(consultation, work, work)
        _link(consultation, work, transport, "depends_on")
        unlink_themes(link.id, **how(consultation))

        assert [each.relation for each in links_between(framework.themes)] == [ThemeRelation.DEPENDS_ON]


def _drawn(consultation: Consultation, framework: Framework) -> Drawing:
    db.session.flush()
    drawing = draw(framework.themes, links_between(framework.themes))
    assert drawing is not None
    return drawing


def test_the_drawing_holds_what_is_linked_and_no_line_runs_over_another(unit: Unit) -> None:
    """The vision's three statements are four links: transport and housing both support work."""
    with unit():
        consultation, framework = missions()
        work, transport, housing, health = framework.themes
        assert draw(framework.themes, []) is None
        _link(consultation, transport, work)
        _link(consultation, housing, work)
        three = _drawn(consultation, framework)
        _link(consultation, health, housing, "conflicts")
        _link(consultation, work, health, "depends_on")
        drawing = _drawn(consultation, framework)

        assert [box.number for box in three.boxes] == [1, 2, 3]
        assert [box.number for box in drawing.boxes] == [1, 2, 3, 4]
        assert len(drawing.arrows) == len({arrow.path for arrow in drawing.arrows}) == 4
        assert all(a.top + a.height < b.top for a, b in zip(drawing.boxes, drawing.boxes[1:], strict=False))
        columns = {path.path.split("Q")[1].split()[0] for path in three.arrows}
        assert len(columns) == 2, "two lines beside each other"
        assert max(int(column) for column in columns) < drawing.width


def test_long_titles_are_wrapped_into_their_box(unit: Unit) -> None:
    with unit():
        consultation, framework = missions()
        work, transport, *_ = framework.themes
        change_theme(work.id, ThemeDetails("Many more people finish good training " * 6), **how(consultation))
        change_theme(transport.id, ThemeDetails("x" * 300), **how(consultation))
        _link(consultation, transport, work)
        drawing = _drawn(consultation, framework)

        for box in drawing.boxes:
            assert all(len(words) <= 25 for _, words in box.lines)
            assert box.top < min(y for y, _ in box.lines) < max(y for y, _ in box.lines) < box.top + box.height


def test_a_note_that_is_cited_and_not_listed_is_told_and_the_other_way_round(unit: Unit) -> None:
    """Rule 11."""
    with unit():
        consultation, framework = missions()
        details: ConsultationDetails = replace(DETAILS, why_now="As the paper says[^1], and `[^9]` is code.[^2]")
        change_consultation(consultation.id, details, None, version=consultation.version, at=AT, actor=None)
        add_footnote(_note(1), **how(consultation))
        add_footnote(_note(3), **how(consultation))
        change_theme(framework.themes[0].id, ThemeDetails("Work", "Jobs.[^1]"), **how(consultation))
        assert footnote_faults(consultation) == [
            FootnoteFaults(None, (2,), (3,)),
            FootnoteFaults("The missions", (1,), ()),
        ]

        add_footnote(_note(2), **how(consultation))
        add_footnote(_note(1, framework_id=framework.id), **how(consultation))
        remove_footnote(next(n.id for n in consultation.footnotes if n.number == 3), **how(consultation))
        assert footnote_faults(consultation) == []


def _note(number: int = 1, **changes: Any) -> FootnoteDetails:
    return replace(FootnoteDetails(None, number, "The paper, 2022."), **changes)


def test_each_refusal_of_a_footnote_has_its_sentence(unit: Unit) -> None:
    with unit():
        consultation, framework = missions()
        add_footnote(_note(1), **how(consultation))
        other = add_footnote(_note(2), **how(consultation))
        for details, refusal in (
            (_note(1), FootnoteNumberError),
            (_note(0), FootnoteNumberError),
            (_note(2**70), FootnoteNumberError),
            (_note(3, text=" "), FootnoteTextError),
            (_note(3, url="file:///etc/passwd"), FootnoteUrlError),
            (_note(3, framework_id=framework.themes[0].id), FrameworkNotFoundError),
        ):
            with pytest.raises(refusal):
                add_footnote(details, **how(consultation))
            with pytest.raises(refusal):
                change_footnote(other.id, details, **how(consultation))
        for act in (remove_footnote, lambda id_, **given: change_footnote(id_, _note(3), **given)):
            with pytest.raises(FrameworkNotFoundError):
                act(framework.id, **how(consultation))


def test_a_footnote_is_changed_where_it_stands_and_may_move_to_another_text(unit: Unit) -> None:
    with unit() as session:
        consultation, framework = missions()
        footnote = add_footnote(_note(1), **how(consultation))
        add_footnote(_note(1, framework_id=framework.id), **how(consultation))
        version = consultation.version
        assert not change_footnote(footnote.id, _note(1), **how(consultation))
        assert consultation.version == version
        assert change_footnote(footnote.id, _note(1, text="The paper, 2023."), **how(consultation))
        assert [note.text for note in consultation.footnotes] == ["The paper, 2023."]
        with pytest.raises(FootnoteNumberError):
            change_footnote(footnote.id, _note(1, framework_id=framework.id), **how(consultation))
        assert change_footnote(footnote.id, _note(2, framework_id=framework.id), **how(consultation))
        session.expire_all()

        assert consultation.footnotes == []
        assert [(note.number, note.text) for note in framework.footnotes] == [
            (1, "The paper, 2022."),
            (2, "The paper, 2022."),
        ]


def test_a_link_is_changed_where_it_stands(unit: Unit) -> None:
    with unit():
        consultation, framework = missions()
        work, transport, housing, _health = framework.themes
        link = _link(consultation, transport, work)
        _link(consultation, housing, work)
        assert not change_link(link.id, LinkDetails(transport.id, work.id, link.relation), **how(consultation))
        for details, refusal in (
            (LinkDetails(housing.id, work.id, link.relation), LinkTwiceError),
            (LinkDetails(work.id, work.id, link.relation), SameThemeError),
            (LinkDetails(framework.id, work.id, link.relation), FrameworkNotFoundError),
        ):
            with pytest.raises(refusal):
                change_link(link.id, details, **how(consultation))
        changed = LinkDetails(work.id, transport.id, ThemeRelation.DEPENDS_ON, " On the bus ")
        assert change_link(link.id, changed, **how(consultation))

        assert (link.from_id, link.relation, link.note) == (work.id, ThemeRelation.DEPENDS_ON, "On the bus")
