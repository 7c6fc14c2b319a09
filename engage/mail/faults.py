"""Addresses at which mail bounces: one that is bad is written to no more (RFC 3464, calendar-mail 5.4).

A fault belongs to an address, not to a person: a corrected address begins with none.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, or_, select, update

from engage.kernel.db import db, table_of
from engage.kernel.plain import insert_unless_there
from engage.kernel.text import clean
from engage.mail.models import AddressFault

MOST_FAULTS = 3  # temporary ones, within FAULTS_COUNT_FOR; then the address is bad
FAULTS_COUNT_FOR = timedelta(days=7)
LONGEST_REASON = 500
ASKED_AT_ONCE = 500  # addresses in one statement
_FAULT = table_of(AddressFault)


def note_permanent(address: str, reason: str, at: datetime) -> None:
    """Note that an address takes no mail (5.x.x): it is bad at once. `reason` is the other server's words."""
    said = _said(reason)
    if not _is_first(address, said, at=at, bad_since=at):
        bad_since = func.coalesce(_FAULT.c.bad_since, at)
        _change(address, last_fault_at=at, last_reason=said, bad_since=bad_since)


def note_temporary(address: str, reason: str, at: datetime) -> None:
    """Note that an address took no mail this time (4.x.x or delayed): three times in seven days, and it is bad."""
    said = _said(reason)
    if _is_first(address, said, at=at, bad_since=None):
        return
    is_old = _FAULT.c.first_fault_at <= at - FAULTS_COUNT_FOR
    counted = case((is_old, 1), else_=_FAULT.c.faults + 1)
    is_one_too_many = or_(_FAULT.c.bad_since.is_not(None), counted >= MOST_FAULTS)
    _change(
        address,
        faults=counted,
        first_fault_at=case((is_old, at), else_=_FAULT.c.first_fault_at),
        last_fault_at=at,
        last_reason=said,
        bad_since=case((is_one_too_many, func.coalesce(_FAULT.c.bad_since, at)), else_=None),
    )


def forget_fault(address: str) -> bool:
    """Forget the faults of an address that was confirmed to work; tell whether there were any."""
    gone = db.session.execute(delete(AddressFault).where(AddressFault.address == address))
    return bool(getattr(gone, "rowcount", 0))


def is_bad(address: str) -> bool:
    """Tell whether nothing is sent to an address any more."""
    bad = select(AddressFault.address).where(AddressFault.address == address, AddressFault.bad_since.is_not(None))
    return db.session.scalar(bad) is not None


def faults_of(addresses: Collection[str]) -> dict[str, AddressFault]:
    """Return what is known of those of some addresses that had faults; `bad_since` tells the bad ones."""
    wanted = sorted(set(addresses))
    found: dict[str, AddressFault] = {}
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        some = AddressFault.address.in_(wanted[start : start + ASKED_AT_ONCE])
        found |= {fault.address: fault for fault in db.session.scalars(select(AddressFault).where(some))}
    return found


def _is_first(address: str, said: str, *, at: datetime, bad_since: datetime | None) -> bool:
    """Note the first fault of an address; False if there was one, which is then ours to change."""
    values = {
        "address": address,
        "faults": 1,
        "first_fault_at": at,
        "last_fault_at": at,
        "last_reason": said,
        "bad_since": bad_since,
    }
    return insert_unless_there(AddressFault, values, unique=("address",))


def _change(address: str, **values: object) -> None:
    """Change a row by one UPDATE that counts in the database: two bounces at one moment are two."""
    changed = update(AddressFault).where(AddressFault.address == address).values(**values)
    db.session.execute(changed.execution_options(synchronize_session="fetch"))


def _said(reason: str) -> str:
    return clean(reason, limit=LONGEST_REASON)
