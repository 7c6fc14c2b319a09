"""Forms of attendance: everybody of a page by hand, and the report of a meeting tool."""

import base64
import binascii
import uuid
import zlib
from contextlib import closing

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField

from engage.bookings.enums import Verdict
from engage.bookings.errors import VerdictError
from engage.edge.forms import SignedInForm
from engage.kernel.tables import LARGEST, TableEmptyError, TableError

CHOSEN, SEEN = "verdict-", "seen-"


class VerdictsForm(SignedInForm):
    """A choice for each person of a page; what a person's choice was when the page was made goes with it."""

    def changed(self) -> dict[uuid.UUID, Verdict]:
        """Return what was chosen where it is not what was seen, so that nobody else's word is undone unseen.

        Raises VerdictError.
        """
        try:
            return {
                uuid.UUID(name.removeprefix(CHOSEN)): Verdict(chosen)
                for name, chosen in request.form.items()
                if name.startswith(CHOSEN) and chosen != request.form.get(SEEN + name.removeprefix(CHOSEN))
            }
        except ValueError as error:
            raise VerdictError from error


class ReportForm(SignedInForm):
    """A file that is looked at first; then the very same bytes, packed, to be stored."""

    file = FileField(_l("The report, as a CSV file"))
    packed = HiddenField()

    def __init__(self) -> None:
        """Read the file that was sent, if one was."""
        super().__init__()
        self._sent = b""
        if request.method == "POST" and (file := request.files.get("file")) is not None:
            with closing(file):
                self._sent = file.read(LARGEST + 1)

    @property
    def is_confirmed(self) -> bool:
        """Tell whether the report was looked at before."""
        return bool(self.packed.data)

    def report(self) -> bytes:
        """Return the bytes that were sent. Raises TableError."""
        if self.is_confirmed:
            return _unpacked(str(self.packed.data))
        if not self._sent:
            raise TableEmptyError
        return self._sent

    def pack(self, data: bytes) -> None:
        """Let the next form carry the bytes."""
        self.packed.data = base64.b64encode(zlib.compress(data)).decode()


def _unpacked(text: str) -> bytes:
    try:
        return zlib.decompressobj().decompress(base64.b64decode(text, validate=True), LARGEST + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise TableError from error
