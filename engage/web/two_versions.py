"""Two people changed one thing: what really differs, by what each began from (R11).

A form carries a short digest of each value that it was filled with, so a field that somebody left alone is not taken
for theirs. A form without digests, or with spoilt ones, is still compared with what is saved now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, Field, SelectField

from engage.edge.forms import SignedInForm

DIGEST_BYTES = 6  # only so many as tell apart what two people wrote


@dataclass(frozen=True)
class Versions:
    """`differences` are (what, theirs, yours) triples to choose between; `taken` (what, theirs) was put in for you."""

    differences: Sequence[tuple[str, str, str]] = ()
    taken: Sequence[tuple[str, str]] = ()


def note_beginning(form: SignedInForm, names: Sequence[str]) -> None:
    """Note in the form's field `began` what it is filled with."""
    form["began"].data = ".".join(_digest(form[name].data) for name in names)


def merge(form: SignedInForm, saved: SignedInForm, names: Sequence[str]) -> Versions:
    """Put into the form what somebody else saved where its writer changed nothing; return what is to be chosen.

    The form then begins from what is saved now.
    """
    began = (form["began"].data or "").split(".")
    known = began if len(began) == len(names) else [""] * len(names)
    differences, taken = [], []
    for name, digest in zip(names, known, strict=True):
        label, theirs, yours = form[name].label.text, saved[name].data or "", form[name].data or ""
        if theirs == yours or digest == _digest(theirs):
            continue
        if digest == _digest(yours):
            form[name].data = saved[name].data
            taken.append((label, _shown(saved[name])))
        else:
            differences.append((label, _shown(saved[name]), _shown(form[name], yours)))
    note_beginning(saved, names)
    form["began"].data = saved["began"].data
    return Versions(differences, taken)


def _shown(field: Field, value: Any = None) -> str:
    """Return what a field holds in words: a tick and a choice have some of their own."""
    value = field.data if value is None else value
    if isinstance(field, BooleanField):
        return str(_("Yes") if value else _("No"))
    if isinstance(field, SelectField):
        chosen = value if isinstance(value, list) else [value]
        return "; ".join(str(option.label.text) for option in field if option.data in chosen)
    return str(value or "")


def _digest(value: Any) -> str:
    return blake2s(str(value or "").encode(), digest_size=DIGEST_BYTES).hexdigest()
