"""What each kind of file holds: columns by allowlist, and no other (P6, S23)."""

from enum import StrEnum
from types import MappingProxyType

from engage.kernel.i18n import N_
from engage.responses.enums import Purpose


class Profile(StrEnum):
    """Whom a file is for."""

    PUBLIC = "public"
    ANALYST = "analyst"
    ORGANISER = "organiser"


HOLDS = {
    Profile.PUBLIC: N_(
        "What anybody can read on this site now, and nothing else: published words, the names shown beside them, and "
        "transcripts. It can be passed on."
    ),
    Profile.ANALYST: N_(
        "Every response that its author has not taken back, published or not, with what its author agreed to. Words "
        "that a moderator took out stay out. There are no names. Answers to confidential questions are left out."
    ),
    Profile.ORGANISER: N_(
        "Everything that came in, confidential answers too, with the names that their authors chose to show and why "
        "something is not published. What was taken back is a row without words. It is for our own staff."
    ),
}
WITH_IDENTITIES = N_("Add the names and e-mail addresses that people gave us but did not ask us to show")

_ALL = frozenset(Profile)
_STAFF = frozenset({Profile.ANALYST, Profile.ORGANISER})
_NAMED = frozenset({Profile.PUBLIC, Profile.ORGANISER})
_ORGANISER = frozenset({Profile.ORGANISER})

# `response_id` and `response` are what themefinder reads; docs/exports.md tells each column.
_COLUMNS = MappingProxyType(
    {
        "response_id": _ALL,
        "response": _ALL,
        "choices": _ALL,
        "transcript": _ALL,
        "kind": _ALL,
        "consultation": _ALL,
        "question": _ALL,
        "question_version": _STAFF,
        "question_text": _ALL,
        "event": _ALL,
        "in_reply_to": _ALL,
        "by_organisation": _ALL,
        "attribution": _ALL,
        "name": _NAMED,
        "respondent": _STAFF,
        "respondent_kind": _STAFF,
        "known_as": _STAFF,
        "language": _ALL,
        "received_on": _ALL,
        "channel": _STAFF,
        "state": _STAFF,
        "held_for": _ORGANISER,
        "refused_for": _ORGANISER,
        "is_redacted": _ALL,
        "recording": _ALL,
        "recording_length": _ALL,
        **{f"may_{purpose.value}": _STAFF for purpose in Purpose},
        "exported_at": _ALL,
    }
)
IDENTITY_COLUMNS = ("sender_name", "sender_email", "sender_organisation")


def columns_of(profile: Profile, *, with_identities: bool = False) -> tuple[str, ...]:
    """Return the names of a file's columns, in their order. Identities stand in an organiser's file alone (P25)."""
    columns = tuple(name for name, profiles in _COLUMNS.items() if profile in profiles)
    return (*columns, *IDENTITY_COLUMNS) if with_identities and profile is Profile.ORGANISER else columns
