"""A file that is looked at before anything is stored."""

import base64
import binascii
import zlib
from contextlib import closing

from flask import request
from wtforms import HiddenField

from engage.edge.forms import SignedInForm
from engage.kernel.tables import LARGEST, TableEmptyError, TableError


class UploadForm(SignedInForm):
    """A file that is looked at first; then the very same bytes, packed into the form, to be stored.

    A subclass adds the field `file`, with its label. Nothing is kept here between the two, and no script is needed.
    """

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
        """Tell whether the file was looked at before."""
        return bool(self.packed.data)

    def data_sent(self) -> bytes:
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
