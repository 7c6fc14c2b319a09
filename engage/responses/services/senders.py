"""Who sends, and under what name: the five ways, checked."""

import uuid
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from engage.kernel.db import db
from engage.kernel.text import clean, normalise_email, says_nothing
from engage.kernel.turns import take_turn
from engage.responses.enums import Attribution, IdentityBasis, RespondentKind
from engage.responses.errors import (
    AnonymousByPassOnlyError,
    AnonymousWithEmailError,
    AnonymousWithNameError,
    AnonymousWithOrganisationError,
    EmailUnusableError,
    NameNeededError,
    OrganisationNeededError,
    WhoIsItNeededError,
)
from engage.responses.identities import respondents_of
from engage.responses.models import Respondent, RespondentIdentity
from engage.responses.spam.arrivals import Arrival

LONGEST_NAME = 200


@dataclass(frozen=True)
class Sender:
    """How we know who sends: an account, a booking (its name and address), or what a guest typed; and how it came."""

    basis: IdentityBasis
    person_id: uuid.UUID | None = None
    name: str | None = None
    email: str | None = None
    arrival: Arrival = field(default_factory=Arrival)


@dataclass(frozen=True)
class Naming:
    """The way of being named that somebody chose, and the names typed for it."""

    attribution: Attribution
    display_name: str | None = None
    organisation: str | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing may link the sitting to anybody."""
        return self.attribution is Attribution.ANONYMOUS

    @property
    def shown(self) -> str | None:
        """The name that the public reads, if any."""
        match self.attribution:
            case Attribution.NAMED | Attribution.PSEUDONYM:
                return self.display_name
            case Attribution.ORGANISATION:
                return self.organisation
            case _:
                return None


def check_naming(naming: Naming, sender: Sender, *, organisation_field: str = "organisation") -> tuple[Naming, Sender]:
    """Return both cleaned. Raises the InvalidError that names the field which does not fit the way chosen."""
    naming = replace(naming, display_name=_name(naming.display_name), organisation=_name(naming.organisation))
    if naming.is_anonymous:
        return _check_anonymous(naming, sender)
    sender = replace(sender, name=_name(sender.name), email=_email(sender.email))
    match naming.attribution:
        case Attribution.NAMED | Attribution.PSEUDONYM if naming.display_name is None:
            raise NameNeededError
        case Attribution.ORGANISATION if naming.organisation is None:
            raise OrganisationNeededError(organisation_field)
        case Attribution.NOT_PUBLISHED if not _known(naming, sender):
            raise WhoIsItNeededError
        case _:
            return naming, sender


def _check_anonymous(naming: Naming, sender: Sender) -> tuple[Naming, Sender]:
    if sender.basis is IdentityBasis.BOOKING:
        raise AnonymousByPassOnlyError
    if naming.display_name is not None:
        raise AnonymousWithNameError
    if naming.organisation is not None:
        raise AnonymousWithOrganisationError
    if sender.basis in (IdentityBasis.GUEST, IdentityBasis.OFFLINE) and _name(sender.email) is not None:
        raise AnonymousWithEmailError
    return naming, Sender(IdentityBasis.GUEST, arrival=sender.arrival.nameless())


def _known(naming: Naming, sender: Sender) -> bool:
    return bool(sender.person_id or sender.email or sender.name or naming.display_name)


def _name(text: str | None) -> str | None:
    name = clean(text or "", limit=LONGEST_NAME)
    return None if says_nothing(name) else name


def _email(text: str | None) -> str | None:
    if not clean(text or ""):
        return None
    try:
        return normalise_email(text or "")
    except ValueError as error:
        raise EmailUnusableError from error


def respondent_for(naming: Naming, sender: Sender) -> Respondent | None:
    """Return the respondent of a sitting.

    None if anonymous; the same again for an account and for bookings with its address, also where two requests run
    at one moment. Guests are somebody new each time: two people may share a name.
    """
    if naming.is_anonymous:
        return None
    if sender.basis in (IdentityBasis.MEMBER, IdentityBasis.BOOKING):
        take_turn(f"respondent:{sender.email or sender.person_id}")
        return _known_respondent(sender) or _add(naming, sender)
    return _add(naming, sender)


def _known_respondent(sender: Sender) -> Respondent | None:
    """Return the respondent that somebody is already, by their account or by a booking with the same address.

    Who booked and is a member too is the member from now on: everything of theirs stands in their account.
    """
    theirs = respondents_of(person_id=sender.person_id, booked_as=sender.email)
    row = db.session.execute(
        select(Respondent, RespondentIdentity)
        .join(RespondentIdentity, RespondentIdentity.respondent_id == Respondent.id)
        .where(Respondent.id.in_(theirs))
        .order_by(RespondentIdentity.person_id.is_(None), Respondent.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    respondent, identity = row
    if sender.person_id is not None and identity.person_id is None:
        identity.person_id = sender.person_id
        db.session.flush()
    return respondent


def _add(naming: Naming, sender: Sender) -> Respondent:
    is_organisation = naming.attribution is Attribution.ORGANISATION
    respondent = Respondent(
        kind=RespondentKind.ORGANISATION if is_organisation else RespondentKind.INDIVIDUAL,
        organisation_name=naming.organisation,
        identity_basis=sender.basis,
    )
    db.session.add(respondent)
    db.session.flush()
    name = sender.name
    if name is None and naming.attribution is not Attribution.PSEUDONYM:
        name = naming.display_name
    if sender.person_id or sender.email or name:
        db.session.add(
            RespondentIdentity(respondent_id=respondent.id, person_id=sender.person_id, email=sender.email, name=name)
        )
        db.session.flush()
    return respondent
