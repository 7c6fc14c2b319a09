"""Whose respondents are: one person has one, by the address that their account and their bookings share.

An account has a confirmed address, and the page of a booking is reached by a mail to its address alone. What guests
type proves nothing, and joins nothing.
"""

import uuid
from typing import Any

from sqlalchemy import Select, and_, or_, select

from engage.accounts.models import Person
from engage.responses.enums import IdentityBasis
from engage.responses.models import Respondent, RespondentIdentity


def respondents_of(*, person_id: uuid.UUID | None = None, booked_as: str | None = None) -> Select[Any]:
    """Return the query for the ids of a member's respondents, or of those of whoever booked with an address."""
    booked = Respondent.identity_basis == IdentityBasis.BOOKING
    whose = []
    if person_id is not None:
        theirs = select(Person.email).where(Person.id == person_id).scalar_subquery()
        whose += [RespondentIdentity.person_id == person_id, and_(booked, RespondentIdentity.email == theirs)]
    if booked_as is not None:
        members = select(Person.id).where(Person.email == booked_as)
        whose += [and_(booked, RespondentIdentity.email == booked_as), RespondentIdentity.person_id.in_(members)]
    return (
        select(Respondent.id)
        .join(RespondentIdentity, RespondentIdentity.respondent_id == Respondent.id)
        .where(or_(*whose))
    )
