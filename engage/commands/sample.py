"""`flask sample load` and `flask sample remove`.

The sample's dates follow the clock: there is always one webinar to book (the next 31 March at least a day
away) and one that is over and can be commented on.
"""

import secrets
from datetime import UTC, date, datetime, time, timedelta

import click
from flask.cli import AppGroup
from sqlalchemy import delete, func, select

from engage.accounts import passwords
from engage.accounts.enums import RoleName
from engage.accounts.models import Person
from engage.accounts.passwords import HashedPassword
from engage.accounts.services import create_person
from engage.bookings.enums import Attendance, AttendanceSource, BookingStatus
from engage.bookings.mail_steps import forget_steps, promise_steps
from engage.bookings.models import Booking
from engage.commands import sample_data as data
from engage.commands.database import needs_database
from engage.commands.sample_responses import add_responses, remove_responses
from engage.consultations.enums import ConsultationStatus, FrameworkKind, ThemeRelation
from engage.consultations.models import Consultation, Footnote, Framework, Question, Theme, ThemeLink
from engage.edge import context
from engage.events.enums import AppearanceRole, EventStatus
from engage.events.models import Appearance, Event, EventQuestion
from engage.kernel import clock, when
from engage.kernel.db import db
from engage.kernel.unit_of_work import unit_of_work
from engage.speakers.models import Speaker

ZONE = "Europe/London"
START, END = time(12, 30), time(13, 30)
CAPACITY = 100
PAST_DAYS = 10
THURSDAY = 3
COMMENTS_DAYS = 500  # until the dates move on again
JOIN_URL = "https://meet.example/levelling-up"

sample = AppGroup("sample", help="The sample: a consultation, a webinar to book, and one that is over.")


@sample.command("load")
@needs_database()
def load_command() -> None:
    """Load the sample into an empty database; a second load only moves its dates on."""
    if not context.settings().development:
        raise click.ClickException("the sample's sign-ins are known to everybody: it loads in development mode only")
    hashed = passwords.hash_password(data.PASSPHRASE, context=())
    with unit_of_work():
        done = load(hashed=hashed, at=clock.now())
    click.echo(done)
    click.echo(sign_ins())


@sample.command("remove")
@needs_database()
def remove_command() -> None:
    """Remove what `sample load` made, and everything that was said about it."""
    with unit_of_work():
        removed = remove()
    click.echo(f"sample removed: {removed} events, consultations and people")


def sign_ins() -> str:
    """Return the lines that tell the sample's sign-ins."""
    lines = [f"  {person.email:20} {person.role}" for person in data.PEOPLE]
    return "\n".join(["Sample sign-ins, all with the pass-phrase: " + data.PASSPHRASE, *lines])


def coming_day(at: datetime) -> date:
    """Return the next 31 March that is at least a day away in the sample's zone."""
    tomorrow = when.local_time(at, ZONE).date() + timedelta(days=1)
    this_year = date(tomorrow.year, 3, 31)
    return this_year if this_year >= tomorrow else date(tomorrow.year + 1, 3, 31)


def load(*, hashed: HashedPassword, at: datetime) -> str:
    """Fill an empty database, or move the dates of a sample that is there. Returns what was done."""
    if db.session.scalar(select(Consultation.id).where(Consultation.is_sample)) is not None:
        return _move_dates(at)
    if db.session.scalar(select(func.count()).select_from(Person)):
        return "sample not loaded: the database is not empty"
    for person in data.PEOPLE:
        made = create_person(person.email, name=person.name, roles=[RoleName(person.role)], password=hashed, at=at)
        made.is_sample = True
    consultation = _consultation(at)
    coming = _event(data.COMING_SLUG, data.COMING_WORDS, coming_day(at), at=at)
    past = _event(data.PAST_SLUG, data.PAST_WORDS, _past_day(at), at=at)
    db.session.add_all([consultation, coming, past])
    db.session.flush()
    _link(consultation)
    _discuss(coming, consultation, data.COMING_QUESTIONS)
    _discuss(past, consultation, data.PAST_QUESTIONS)
    for name, organisation in data.GUESTS:
        _line_up(coming, Speaker(name=name, organisation=organisation, created_at=at))
    for name, role_title, organisation, role in data.PAST_SPEAKERS:
        guest = Speaker(name=name, role_title=role_title, organisation=organisation, is_sample=True, created_at=at)
        _line_up(past, guest, AppearanceRole(role))
    for email, name, attendee_organisation in data.PAST_ATTENDEES:
        _attended(past, email, name, attendee_organisation)
    promise_steps(coming, at=at)
    past.seats_taken = len(data.PAST_ATTENDEES)
    db.session.flush()
    count = add_responses(consultation, past, at=at)
    return f"sample loaded: 1 consultation, 2 events, {count} responses, {len(data.PEOPLE)} people"


def _past_day(at: datetime) -> date:
    """Return a Thursday that is at least PAST_DAYS ago."""
    day = when.local_time(at, ZONE).date() - timedelta(days=PAST_DAYS)
    return day - timedelta(days=(day.weekday() - THURSDAY) % 7)


def _times(day: date) -> tuple[datetime, datetime, str]:
    starts_at = when.resolve_local(day, START, ZONE)
    return (
        starts_at,
        when.resolve_local(day, END, ZONE),
        datetime.combine(day, START).isoformat("T", "minutes"),
    )


def _event(slug: str, words: tuple[str, str, str], day: date, *, at: datetime) -> Event:
    title, summary, description = words
    starts_at, ends_at, local_start = _times(day)
    published_at = min(at, starts_at - timedelta(days=21))
    return Event(
        slug=slug,
        title=title,
        summary=summary,
        description=description,
        starts_at=starts_at,
        ends_at=ends_at,
        timezone=ZONE,
        local_start=local_start,
        capacity=CAPACITY,
        seats_taken=0,
        join_url=JOIN_URL,
        comments_open_for_days=COMMENTS_DAYS,
        status=EventStatus.PUBLISHED,
        is_sample=True,
        published_at=published_at,
        created_at=published_at,
        updated_at=published_at,
    )


def _consultation(at: datetime) -> Consultation:
    missions = _missions()
    questions = [
        Question(number=number, text=text, help=help_) for number, (text, help_) in enumerate(data.QUESTIONS, start=1)
    ]
    for number, about in data.ABOUT_MISSIONS.items():
        questions[number - 1].themes = [missions.themes[mission - 1] for mission in about]
    return Consultation(
        slug=data.CONSULTATION_SLUG,
        title=data.CONSULTATION_TITLE,
        intro=data.INTRO,
        why_now=data.WHY_NOW,
        status=ConsultationStatus.OPEN,
        opens_at=at - timedelta(days=30),
        closes_at=_closes_at(at),
        is_sample=True,
        created_at=at,
        frameworks=[missions, _vision()],
        questions=questions,
    )


def _missions() -> Framework:
    return Framework(
        kind=FrameworkKind.MISSION,
        title=data.MISSIONS_TITLE,
        source_title=data.MISSIONS_SOURCE,
        source_published_on=data.MISSIONS_PUBLISHED_ON,
        stated_count=data.MISSIONS_STATED,
        themes=[Theme(number=number, title=title) for number, title in enumerate(data.MISSIONS, start=1)],
    )


def _vision() -> Framework:
    return Framework(
        kind=FrameworkKind.GOAL,
        title=data.VISION_TITLE,
        source_title=data.VISION_SOURCE,
        reviewed_on=data.VISION_REVIEWED_ON,
        themes=[
            Theme(number=number, title=title, body=body) for number, (title, body) in enumerate(data.GOALS, start=1)
        ],
        footnotes=[Footnote(number=number, text=text) for number, text in enumerate(data.GOAL_FOOTNOTES, start=1)],
    )


def _link(consultation: Consultation) -> None:
    [goals] = [framework.themes for framework in consultation.frameworks if framework.kind is FrameworkKind.GOAL]
    for first, second, note in data.LINKS:
        ends = {"from_id": goals[first - 1].id, "to_id": goals[second - 1].id}
        db.session.add(ThemeLink(**ends, relation=ThemeRelation.SUPPORTS, note=note))


def _closes_at(at: datetime) -> datetime:
    return datetime.combine(coming_day(at) + timedelta(days=14), time(22, 0), tzinfo=UTC)


def _discuss(event: Event, consultation: Consultation, numbers: tuple[int, ...]) -> None:
    by_number = {question.number: question.id for question in consultation.questions}
    event.questions = [
        EventQuestion(question_id=by_number[number], position=position)
        for position, number in enumerate(numbers, start=1)
    ]


def _line_up(event: Event, speaker: Speaker, role: AppearanceRole = AppearanceRole.SPEAKER) -> None:
    db.session.add(speaker)
    db.session.flush()
    event.appearances.append(Appearance(speaker_id=speaker.id, role=role, position=len(event.appearances) + 1))


def _attended(event: Event, email: str, name: str, organisation: str | None) -> None:
    db.session.add(
        Booking(
            reference="SAMPLE" + secrets.token_hex(2).upper(),
            event_id=event.id,
            email_normalised=email,
            name=name,
            organisation=organisation,
            status=BookingStatus.CONFIRMED,
            attendance=Attendance.ATTENDED,
            attendance_source=AttendanceSource.JOIN_LINK,
            joined_at=event.starts_at,
            is_sample=True,
            created_at=event.created_at,
        )
    )


def _move_dates(at: datetime) -> str:
    coming = db.session.scalar(select(Event).where(Event.slug == data.COMING_SLUG, Event.is_sample))
    past = db.session.scalar(select(Event).where(Event.slug == data.PAST_SLUG, Event.is_sample))
    consultation = db.session.scalar(select(Consultation).where(Consultation.is_sample))
    if coming is None or past is None or consultation is None or at < coming.ends_at:
        return "sample is there already: nothing changed"
    db.session.execute(delete(Booking).where(Booking.event_id == coming.id))
    coming.seats_taken = 0
    coming.status = EventStatus.PUBLISHED
    coming.cancel_reason = coming.cancelled_at = None
    for event, day in ((coming, coming_day(at)), (past, _past_day(at))):
        event.starts_at, event.ends_at, event.local_start = _times(day)
        event.calendar_sequence += 1
        event.version += 1
        event.updated_at = at
    promise_steps(coming, at=at)
    consultation.status = ConsultationStatus.OPEN
    consultation.closes_at = _closes_at(at)
    return "sample moved on: its coming webinar was over"


def remove() -> int:
    """Delete the sample and all that hangs on it. Returns how many events, consultations and people went."""
    events = list(db.session.scalars(select(Event).where(Event.is_sample)))
    consultations = list(db.session.scalars(select(Consultation).where(Consultation.is_sample)))
    people = list(db.session.scalars(select(Person).where(Person.is_sample)))
    guests = db.session.scalars(
        select(Appearance.speaker_id).where(Appearance.event_id.in_([event.id for event in events]))
    ).all()
    remove_responses(events, consultations, people)
    for event in events:
        forget_steps(event.id)
    for row in [*events, *consultations, *people]:
        db.session.delete(row)
    db.session.flush()
    still_needed = select(Appearance.speaker_id)
    db.session.execute(delete(Speaker).where(Speaker.id.in_(guests), Speaker.id.not_in(still_needed)))
    return len(events) + len(consultations) + len(people)
