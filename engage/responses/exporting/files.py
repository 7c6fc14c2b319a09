"""One file that somebody takes: what it is called, how much it holds, its bytes; and that it was taken."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from engage.audit.services import record
from engage.kernel.settings import Site
from engage.responses.errors import WorkbookFullError
from engage.responses.exporting.formats import FileFormat, Table, written
from engage.responses.exporting.profiles import columns_of
from engage.responses.exporting.rows import Row, export_rows
from engage.responses.exporting.scopes import Scope

MOST_IN_WORKBOOK = 1_000_000  # a sheet ends at row 1,048,576


@dataclass(frozen=True)
class ExportFile:
    """A file about the consultation or event `kind` and `slug`. A workbook's times are those of `timezone`."""

    scope: Scope
    file_format: FileFormat
    kind: str
    slug: str
    title: str
    timezone: str
    site: Site
    at: datetime

    @property
    def name(self) -> str:
        """Return what it is called where it is saved."""
        return f"{self.slug}-responses-{self.scope.profile}.{self.file_format}"

    @property
    def rows(self) -> int:
        """Return how many responses it holds. Raises WorkbookFullError for more than a sheet takes."""
        rows = self.scope.count()
        if self.file_format is FileFormat.XLSX and rows > MOST_IN_WORKBOOK:
            raise WorkbookFullError(rows=rows, limit=MOST_IN_WORKBOOK)
        return rows

    def pieces(self, watched: Callable[[Iterable[Row]], Iterable[Row]] = iter) -> Iterator[bytes]:
        """Give its bytes, piece by piece; `watched` sees each row on its way."""
        scope = self.scope
        columns = columns_of(scope.profile, with_identities=scope.with_identities)
        about = {
            "about": f"{self.kind} {self.slug}",
            "title": self.title,
            "site": self.site.base_url,
            "profile": scope.profile.value,
            "exported_at": self.at.isoformat(),
        }
        rows = watched(export_rows(scope, at=self.at))
        return written(self.file_format, Table(columns, rows, about, self.timezone))


def note_export(file: ExportFile, *, rows: int, source: str, actor: uuid.UUID | None) -> None:
    """Note who takes what, before the first byte goes out (S37): `source` is "organiser" or "command"."""
    scope = file.scope
    after = {
        "profile": scope.profile.value,
        "as": file.file_format.value,
        "responses": rows,
        "identities": scope.with_identities,
        **scope.narrowed_by(),
    }
    record(f"{source}:responses:export", scope.collection, at=file.at, actor=actor, after=after)
