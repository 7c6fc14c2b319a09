"""What the organisers' desk shows of one event, and of all: read from several features, nothing changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engage.bookings.planned_steps import PlannedStep, StepState, planned_steps
from engage.bookings.presence import PresenceCounts, presence_counts
from engage.bookings.queries import Turnout, turnout
from engage.bookings.reports import MailOfKind, mail_of_event
from engage.consultations.models import Framework
from engage.consultations.queries import all_consultations
from engage.events.appearances import SpeakerSlot, slots_of, who_declined
from engage.events.enums import AppearanceStatus, EventStatus, Phase
from engage.events.models import AccessProvision, Event
from engage.events.queries import DiscussedQuestion, discussed_questions, every_event, provided_at
from engage.flows.line_up import ASKED
from engage.mail.enums import MessageState
from engage.mail.faults import faults_of
from engage.mail.models import AddressFault
from engage.mail.queries import count_by_state
from engage.mail.received import count_unread_words
from engage.responses.counts import ResponseCounts, count_for_event
from engage.responses.piles import count_to_read
from engage.speakers.models import Speaker

LATELY = timedelta(days=7)


class Step(StrEnum):
    """Something that an event still needs, in the order in which it matters."""

    MOVE = "move"
    SET_JOIN_URL = "set_join_url"
    ADD_SPEAKERS = "add_speakers"
    REPLACE_SPEAKER = "replace_speaker"
    CHOOSE_QUESTIONS = "choose_questions"
    STATE_ACCESS = "state_access"
    PUBLISH = "publish"
    FIX_MAIL = "fix_mail"
    SETTLE_ATTENDANCE = "settle_attendance"
    ADD_RECORDING = "add_recording"
    READ_RESPONSES = "read_responses"


class Stage(StrEnum):
    """The stages of an event's life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RUNNING = "running"
    OVER = "over"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class EventOverview:
    """One event with all that belongs to it.

    `tellable` is how many who booked are reached by a change or a cancelling; `speakers_told` how many who were
    asked to speak hear of a cancelling.
    """

    event: Event
    stage: Stage
    steps: list[Step]
    slots: list[SpeakerSlot]
    faults: dict[str, AddressFault]
    questions: list[DiscussedQuestion]
    provided: list[AccessProvision]
    turnout: Turnout
    presence: PresenceCounts
    responses: ResponseCounts
    mail: list[MailOfKind]
    planned: list[PlannedStep]
    tellable: int
    speakers_told: int

    @property
    def failed_mail(self) -> int:
        """Return how many messages could not be delivered, or came back."""
        return sum(kind.failed + kind.bounced for kind in self.mail)


@dataclass(frozen=True)
class DeskOverview:
    """What waits on the desk.

    `declined` are speakers of events to come; `bounced` and `failed` count mails of the last week; `unread` counts
    what people wrote and nobody was mailed.
    """

    declined: list[tuple[Event, Speaker]]
    bounced: int
    failed: int
    unread: int
    waiting: int
    drafts: list[Event]
    coming: list[Event]
    uneven: list[Framework]


def stage_of(event: Event, *, at: datetime) -> Stage:
    """Return where an event is in its life."""
    if event.status is EventStatus.CANCELLED:
        return Stage.CANCELLED
    if event.status is EventStatus.DRAFT:
        return Stage.DRAFT
    if event.phase(at) is Phase.UPCOMING:
        return Stage.PUBLISHED
    if event.phase(at) is Phase.RUNNING:
        return Stage.RUNNING
    return Stage.OVER if event.takes_comments(at) else Stage.CLOSED


def tellable(event: Event, *, people: int, at: datetime) -> int:
    """Return how many people are told when an event moves or is cancelled now."""
    return people if event.status is EventStatus.PUBLISHED and at < event.ends_at else 0


def may_be_cancelled(event: Event, *, at: datetime) -> bool:
    """Tell whether an event could still be cancelled, also a draft."""
    return event.status is not EventStatus.CANCELLED and at < event.ends_at


def event_overview(event: Event, *, at: datetime) -> EventOverview:
    """Return all that the event's one page shows."""
    counts = turnout(event.id)
    presence = presence_counts(event.id)
    slots, questions = slots_of(event.id), discussed_questions(event.id)
    listed = [slot for slot in slots if slot.is_listed]
    mail, responses = mail_of_event(event.id), count_for_event(event.id)
    stage, written_kinds = stage_of(event, at=at), {line.kind for line in mail}
    planned = planned_steps(event, written_kinds=written_kinds, at=at)
    provided = provided_at(event.id)
    draft, coming = stage is Stage.DRAFT, stage in {Stage.DRAFT, Stage.PUBLISHED}
    needed = {
        Step.MOVE: draft and event.starts_at <= at,
        Step.SET_JOIN_URL: coming and not event.join_url,
        Step.ADD_SPEAKERS: coming and not listed,
        Step.REPLACE_SPEAKER: coming and any(slot.appearance.status is AppearanceStatus.DECLINED for slot in slots),
        Step.CHOOSE_QUESTIONS: coming and not questions,
        Step.STATE_ACCESS: coming and not provided,
        Step.PUBLISH: draft and event.starts_at > at and bool(event.join_url),
        Step.FIX_MAIL: any(kind.failed or kind.bounced for kind in mail),
        Step.SETTLE_ATTENDANCE: stage is Stage.OVER and presence.unknown > 0,
        Step.ADD_RECORDING: any(each.state is StepState.WAITS and each.people for each in planned),
        Step.READ_RESPONSES: responses.waiting > 0,
    }
    return EventOverview(
        event=event,
        stage=stage,
        steps=[step for step, is_needed in needed.items() if is_needed],
        slots=[slot for slot in slots if slot.appearance.status is not AppearanceStatus.WITHDRAWN],
        faults=faults_of([slot.speaker.email for slot in slots if slot.speaker.email]),
        questions=questions,
        provided=provided,
        turnout=counts,
        presence=presence,
        responses=responses,
        mail=mail,
        planned=planned,
        tellable=tellable(event, people=counts.confirmed + counts.waiting + counts.offered, at=at),
        speakers_told=sum(slot.appearance.status in ASKED for slot in slots) if may_be_cancelled(event, at=at) else 0,
    )


def desk_overview(*, at: datetime) -> DeskOverview:
    """Return what waits on the desk: responses, drafts, and frameworks whose counts differ (rule 11).

    What is urgent comes first: who will not speak, whom mail did not reach, and whose words nobody has read.
    """
    events = every_event()
    mail = count_by_state(MessageState.BOUNCED, MessageState.FAILED, since=at - LATELY)
    return DeskOverview(
        declined=who_declined(at=at),
        bounced=mail[MessageState.BOUNCED],
        failed=mail[MessageState.FAILED],
        unread=count_unread_words(),
        waiting=count_to_read(),
        drafts=[event for event in events if event.status is EventStatus.DRAFT],
        coming=sorted(
            (event for event in events if event.status is EventStatus.PUBLISHED and event.ends_at > at),
            key=lambda event: (event.starts_at, event.slug),
        ),
        uneven=[
            framework
            for consultation in all_consultations()
            for framework in consultation.frameworks
            if framework.counts_differ()
        ],
    )
