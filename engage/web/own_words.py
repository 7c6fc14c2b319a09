"""Changing one's own words and where they may go: the pages behind a receipt and in a member's account are the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from engage.edge import context, limits
from engage.edge.answers import see_other, show
from engage.edge.forms import EngageForm, PublicForm, SignedInForm, text_field
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import every_wording
from engage.responses.enums import Purpose
from engage.responses.errors import (
    ChosenMeanwhileError,
    EditedMeanwhileError,
    EditingClosedError,
    GivenBackError,
    UseNotAskedError,
)
from engage.responses.records import ResponseRecord
from engage.responses.services import Owner, change_consents, edit, sent_with
from engage.responses.services.sittings import LONGEST_BODY
from engage.web.arrivals import TrapField, arrival_of
from engage.web.refusals import form_again

EDITED, CHOSEN, CAPTIONED, UNCHANGED = "edited", "chosen", "captioned", "unchanged"
DONE = {
    EDITED: _l("Your words are changed. If they had been published, somebody reads them again first."),
    CHOSEN: _l("We have noted where your words may go."),
    CAPTIONED: _l("What is said stands with your recording. If it had been published, somebody reads it again first."),
    UNCHANGED: _l("Nothing was changed."),
}


class _Words:
    """What one's words say now, and the version that the form began from (R11)."""

    body = text_field(_l("Your words"), limit=LONGEST_BODY, multiline=True)
    began = HiddenField()
    website = TrapField()


class _Uses:
    """A box for each use that is asked about, and those that stood when the form was opened (R11).

    `together`: all that was sent with it goes the same way; `others` is what that allowed when the form was opened.
    """

    began = HiddenField()
    others = HiddenField()
    together = BooleanField(_l("The same for everything else that I sent with it"))

    uses = SelectMultipleField(
        _l("Where may your words go?"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class EditByReceiptForm(_Words, PublicForm):
    """The words, changed by whoever has the receipt."""


class OwnEditForm(_Words, SignedInForm):
    """The words, changed by the member who gave them."""


class UsesByReceiptForm(_Uses, PublicForm):
    """The uses, chosen by whoever has the receipt."""


class OwnUsesForm(_Uses, SignedInForm):
    """The uses, chosen by the member who gave the words."""


@dataclass(frozen=True)
class Desk:
    """Where somebody stands who changes their words: whose they are, and the page that leads back."""

    owner: Owner
    address: str
    name: str
    here: str = ""

    @property
    def by_receipt(self) -> bool:
        """Whether a receipt opened it: nobody is signed in."""
        return self.owner.code is not None


def edit_words(desk: Desk, read: Callable[[], ResponseRecord], *, is_post: bool) -> Response:
    """Show the form with the words as they are, and take the changed ones. `read` returns the response as it is."""
    form = EditByReceiptForm() if desk.by_receipt else OwnEditForm()
    record, at = _standing(read()), clock.now()

    def page(status: int, *, theirs: str | None = None) -> Response:
        values = {"form": form, "record": record, "desk": desk, "theirs": theirs}
        return show("public/responses/edit.html", status=status, **values)

    if not record.can_be_edited(at):
        raise EditingClosedError
    if not is_post:
        form.body.data, form.began.data = record.body, str(record.version)
        _renew(form)
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("respond")
        with unit_of_work():
            changed = edit(
                desk.owner,
                record.id,
                body=form.body.data or "",
                began=number_typed(form.began.data),
                arrival=arrival_of(form),
                site=context.site(),
                at=at,
            )
    except EditedMeanwhileError as error:
        record = _standing(read())
        form.began.data = str(record.version)
        return form_again(error, form, lambda status: page(status, theirs=record.body))
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(f"{desk.address}?result={EDITED if changed else UNCHANGED}")


def choose_uses(desk: Desk, read: Callable[[], ResponseRecord], *, is_post: bool) -> Response:
    """Show where the words may go, a box for each use, and take another choice."""
    form = UsesByReceiptForm() if desk.by_receipt else OwnUsesForm()
    record = _standing(read())
    if not record.asked:
        raise UseNotAskedError
    wordings = every_wording(context.locale())
    form.uses.choices = [(use.value, wordings[use]) for use in record.asked]

    def page(status: int, *, theirs: ResponseRecord | None = None) -> Response:
        return show(
            "public/responses/uses.html",
            form=form,
            record=record,
            desk=desk,
            theirs=theirs,
            wordings=wordings,
            others=sent_with(record.id).number,
            status=status,
        )

    if not is_post:
        form.uses.data = _stand(record)
        form.began.data, form.others.data = " ".join(_stand(record)), sent_with(record.id).state
        form.together.data = "together" in request.args
        _renew(form)
        return page(200)
    if not form.validate():
        return page(422)
    try:
        with unit_of_work():
            changed = change_consents(
                desk.owner,
                record.id,
                granted=_purposes(form.uses.data or []),
                began=_purposes((form.began.data or "").split()),
                together=form.others.data or "" if form.together.data else None,
                wordings=wordings,
                language=context.locale(),
                at=clock.now(),
            )
    except ChosenMeanwhileError as error:
        record = _standing(read())
        form.began.data, form.others.data = " ".join(_stand(record)), sent_with(record.id).state
        return form_again(error, form, lambda status: page(status, theirs=record))
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(f"{desk.address}?result={CHOSEN if changed else UNCHANGED}")


def what_was_done() -> str | None:
    """Return the sentence about the change that led to this page; there is no cookie to carry it (P27)."""
    sentence = DONE.get(request.args.get("result", ""))
    return None if sentence is None else str(sentence)


def _standing(record: ResponseRecord) -> ResponseRecord:
    """Return a response that can be changed. Raises GivenBackError."""
    if not record.can_be_withdrawn:
        raise GivenBackError
    return record


def _renew(form: EngageForm) -> None:
    if isinstance(form, PublicForm):
        form.renew_key()


def number_typed(text: Any) -> int | None:
    """Return the version that a form names, and None for nonsense: it is then compared with what is there."""
    typed = str(text or "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


def _stand(record: ResponseRecord) -> list[str]:
    """Return the uses that are allowed now, as the form sends them."""
    return [use.value for use in record.asked if record.uses[use]]


def _purposes(typed: list[str]) -> frozenset[Purpose]:
    """Return the uses that were ticked. Raises UseNotAskedError for what is none."""
    try:
        return frozenset(Purpose(name) for name in typed)
    except ValueError as error:
        raise UseNotAskedError from error
