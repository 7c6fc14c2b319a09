"""A known cast on a stage with something of everything: what patrols and journeys walk through.

Asha organises, Ben speaks, Faye and Hal were asked to by mail, Cleo booked, Petra brings Gwen, Dev is a member, Mo
moderates, Ada administers; a stranger knows nothing.
"""

import io
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engage.accounts.joining import ask_to_join
from engage.accounts.mails import ABOUT
from engage.accounts.new_passwords import ask_for_new_password
from engage.accounts.sessions import start_session
from engage.bookings.access_needs import answer_need, change_access_needs
from engage.bookings.attendance import set_by_hand
from engage.bookings.certificates import Progress, keep_drawn, make_out
from engage.bookings.enums import BookingQuestionKind, Verdict
from engage.bookings.guest_queries import guest_join_token, guest_token
from engage.bookings.models import Booking, Certificate, Guest
from engage.bookings.own_answers import change_answers
from engage.bookings.own_questions import QuestionDraft, add_question
from engage.bookings.queries import join_token, manage_token
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.bookings.stopping import unsubscribe_token
from engage.calendars.enums import FeedPurpose
from engage.calendars.feeds import feed_token, make_feed
from engage.calendars.models import CalendarInvite
from engage.consultations.enums import ConsultationStatus, FrameworkKind, ThemeRelation
from engage.consultations.models import Consultation
from engage.consultations.services import (
    FootnoteDetails,
    LinkDetails,
    NewFramework,
    NewQuestion,
    add_footnote,
    create_consultation,
    link_themes,
)
from engage.events.appearances import speaker_token
from engage.events.enums import AccessKind, AppearanceRole, AppearanceStatus
from engage.events.models import Event
from engage.events.queries import get_event_by_id, group_token
from engage.events.services import add_group, add_provision, add_speaker, release_group, set_questions
from engage.flows.cancelling import cancel_event
from engage.flows.inbound import process_inbound
from engage.flows.line_up import SpeakerDetails, add_to_line_up, invite_now
from engage.flows.speaking import answer_to_speak
from engage.kernel import clock
from engage.kernel.models import Job
from engage.kernel.settings import Site
from engage.kernel.tokens import account_code, new_submission_key, sign_row
from engage.kernel.unit_of_work import unit_of_work
from engage.kernel.when import WallTime
from engage.mail.enums import MessageKind
from engage.mail.inbound.reading import read_inbound
from engage.mail.models import InboundMail, Message
from engage.mail.received import held_token
from engage.mail.services import SEND
from engage.media.enums import MediaKind, TrackKind
from engage.media.making.process import Made
from engage.media.models import MediaAsset, MediaTrack
from engage.media.services import keep_made
from engage.media.storage import Kept, storage_at
from engage.responses.consents import every_wording
from engage.responses.enums import Attribution, IdentityBasis, ModerationAction, Purpose, ResponseKind
from engage.responses.models import Response
from engage.responses.services import Naming, Sender, decide, receive_answers, receive_comment
from engage.responses.services.answers import Answer
from engage.responses.services.drafts import save_draft
from tests.factories import make_event, make_person
from tests.mail.inbound.clients import Answering, google

Unit = Callable[[], AbstractContextManager[Session]]

MEMBERS = {
    "member": ("dev@example.org", "Dev"),
    "moderator": ("mo@example.org", "Mo"),
    "analyst": ("ana@example.org", "Ana"),
    "access_lead": ("lee@example.org", "Lee"),
    "organiser": ("asha@example.org", "Asha"),
    "administrator": ("ada@example.org", "Ada"),
}
DAYS_FROM_NOW = {"coming": 30, "soon": 10, "past": -7, "draft": 40, "cancelled": 20, "full": 15}
CLEO = "cleo@example.org"
PASS_PURPOSE = "pass"


@dataclass(frozen=True)
class Words:
    """Every text that somebody types; tests put hostile ones here."""

    title: str = "Rivers after the flood"
    text: str = "What we learned, and what comes next."
    name: str = "Ben Okafor"
    organisation: str = "River Trust"
    said: str = "Plant trees upstream, and pay for their care."


@dataclass
class Stage:
    """What there is: addresses by name, tokens, people."""

    app: Flask
    site: Site
    consultation: str = "flood-plans"
    events: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, uuid.UUID] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    people: dict[str, uuid.UUID] = field(default_factory=dict)
    mail: int = 0

    def client(self, who: str = "visitor") -> FlaskClient:
        """Return the browser of somebody: "visitor", or a role of MEMBERS, who is signed in."""
        client = self.app.test_client()
        if who not in self.people:
            return client
        with self.app.app_context(), unit_of_work():
            session_id = start_session(self.people[who], at=clock.now()).id
        with client.session_transaction() as cookie:
            cookie.permanent = True
            cookie["_user_id"] = str(session_id)
            cookie["_fresh"] = True
        return client

    def new_key(self) -> str:
        """Return a fresh one-time key, as a public form carries it."""
        return new_submission_key(self.site.link_secrets, clock.now())


def set_stage(app: Flask, unit: Unit, words: Words | None = None) -> Stage:
    """Make the cast, one consultation, and an event in each state; the clock decides what is past."""
    words = words or Words()
    stage = Stage(app, app.extensions["engage"].site())
    at = clock.now()
    before = at - timedelta(days=60)
    with unit():
        for role, (email, name) in MEMBERS.items():
            stage.people[role] = make_person(email, role, name=name).id
    with unit():
        consultation = _make_consultation(stage.consultation, words, at=at)
        _make_consultation("old-plans", words, at=at, status=ConsultationStatus.CLOSED)
        _make_consultation("draft-plans", words, at=at, status=ConsultationStatus.DRAFT)
        questions = [question.id for question in consultation.questions]
        stage.ids["consultation"], stage.ids["question"] = consultation.id, questions[0]
        [framework] = consultation.frameworks
        stage.ids["framework"], stage.ids["theme"] = framework.id, framework.themes[0].id
        _give_sources(stage, consultation, words, at=at)
        asha = stage.people["organiser"]
        for name, days in DAYS_FROM_NOW.items():
            day = (at + timedelta(days=days)).date()
            event = make_event(
                title=words.title,
                slug=f"{name}-event",
                starts_at=datetime.combine(day, time(11, 30), UTC),
                capacity=2 if name == "full" else 20,
                published=name != "draft",
                summary=words.text,
                description=words.text,
            )
            add_speaker(
                event.id,
                name=words.name,
                role_title=words.text[:200],
                organisation=words.organisation,
                role=AppearanceRole.SPEAKER,
                at=before,
                actor=asha,
            )
            _invite_speakers(stage, event, words, name, at=before)
            set_questions(event.id, question_ids=questions[:2], at=before, actor=asha)
            stage.events[name] = event.slug
            stage.ids[name] = event.id
    _keep_for_group(stage, unit, words, at=before)
    _book(stage, unit, words, at=before)
    _bring(stage, unit, words, at=before)
    _ask_on_form(stage, unit, words, at=before)
    _wait(stage, unit, words, at=before)
    _follow(stage, unit, at=before)
    with unit():
        cancel_event(stage.ids["cancelled"], reason=words.text, site=stage.site, at=at, actor=stage.people["organiser"])
    _come(stage, unit, words, at=at)
    _need(stage, unit, words, at=at)
    _say(stage, unit, words, at=at)
    _answer(stage, unit, words, at=at)
    _join(stage, unit, words, at=at)
    with unit() as session:
        stage.mail = session.scalars(select(Message.id).order_by(Message.id)).first() or 0
    return stage


def _invite_speakers(stage: Stage, event: Event, words: Words, name: str, *, at: datetime) -> None:
    """Ask Faye to speak, who accepts, and Hal, who declines; at the draft Faye is asked before it is published."""
    asha = stage.people["organiser"]
    for key, email in (("speaker", "faye@example.org"), ("other speaker", "hal@example.org")):
        details = SpeakerDetails(f"{words.name} {email[0].upper()}", AppearanceRole.SPEAKER, email=email)
        one = add_to_line_up(event.id, details, site=stage.site, at=at, actor=asha)
        if name == "draft" and key == "speaker":
            invite_now(one.id, site=stage.site, at=at, actor=asha)
        stage.ids[f"{name} {key} slot"], stage.tokens[f"{name} {key}"] = one.id, speaker_token(one, stage.site)
        if name != "draft":
            status = AppearanceStatus.ACCEPTED if key == "speaker" else AppearanceStatus.DECLINED
            answer_to_speak(one.id, status, message=words.said, site=stage.site, at=at, by="page")


def _make_consultation(
    slug: str, words: Words, *, at: datetime, status: ConsultationStatus = ConsultationStatus.OPEN
) -> Consultation:
    return create_consultation(
        slug,
        title=words.title,
        intro=words.text,
        why_now=words.text,
        opens_at=at - timedelta(days=30),
        closes_at=at + timedelta(days=60),
        questions=[NewQuestion(words.text, words.text), NewQuestion("What should change first?")],
        frameworks=[
            NewFramework(
                FrameworkKind.MISSION,
                words.title,
                [words.title, "Safer homes"],
                source_title=words.title,
                source_url="https://example.org/missions",
                stated_count=3,
            )
        ],
        status=status,
        at=at,
    )


def _give_sources(stage: Stage, consultation: Consultation, words: Words, *, at: datetime) -> None:
    """Link the two themes, join the first to a question, and list a footnote that nothing cites."""
    first, second = (theme.id for theme in consultation.frameworks[0].themes)
    how = {"consultation_id": consultation.id, "at": at, "actor": None}
    link = LinkDetails(first, second, ThemeRelation.SUPPORTS, words.text[:300])
    stage.ids["link"] = link_themes(link, version=consultation.version, **how).id
    source = FootnoteDetails(None, 1, words.text, "https://example.org/source")
    stage.ids["footnote"] = add_footnote(source, version=consultation.version, **how).id
    consultation.questions[0].themes.append(consultation.frameworks[0].themes[0])


def _keep_for_group(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Keep two places of the coming event for a group with a private link, and release those of another group."""
    with unit():
        event = get_event_by_id(stage.ids["coming"])
        release = WallTime((event.starts_at - timedelta(days=7)).date(), time(9))
        for key, name in (("group", words.name), ("old group", f"{words.name} too")):
            group = add_group(event.id, name=name, places=2, release=release, at=at, actor=stage.people["organiser"])
            stage.ids[key], stage.tokens[f"{key} link"] = group.id, group_token(group, stage.site)
        release_group(stage.ids["old group"], event_id=event.id, at=at, actor=stage.people["organiser"])


def _ask_on_form(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Ask two questions on the coming event's booking form, which Cleo answers; the soon event's must be answered."""
    with unit():
        event_id, asha = stage.ids["coming"], stage.people["organiser"]
        text = QuestionDraft(BookingQuestionKind.TEXT, words.text[:300])
        choice = QuestionDraft(BookingQuestionKind.CHOICE, words.title, f"{words.name}\nSomebody else")
        stage.ids["own text"] = add_question(event_id, text, at=at, actor=asha).id
        stage.ids["own choice"] = add_question(event_id, choice, at=at, actor=asha).id
        answers = {stage.ids["own text"]: words.said, stage.ids["own choice"]: "Somebody else"}
        change_answers(stage.ids["coming booking"], answers, at=at)
        add_question(stage.ids["soon"], replace(choice, is_required=True), at=at, actor=asha)


def _book(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    for name in ("coming", "past", "cancelled", "full"):
        with unit():
            book_place(
                stage.ids[name],
                PlaceRequest(
                    name="Cleo" if words == Words() else words.name,
                    email=CLEO,
                    organisation=words.organisation,
                    locale="en",
                ),
                site=stage.site,
                at=at,
            )
        with unit() as session:
            booking = session.scalars(select(Booking).where(Booking.event_id == stage.ids[name])).one()
            stage.tokens[f"{name} booking"] = manage_token(booking, stage.site)
            stage.tokens[f"{name} join"] = join_token(booking, stage.site)
            stage.tokens[f"{name} unsubscribe"] = unsubscribe_token(booking, stage.site)
            stage.ids[f"{name} booking"] = booking.id
            stage.references[f"{name} reference"] = booking.reference
    with unit() as session:
        past = session.get(Event, stage.ids["past"])
        assert past is not None
        stage.tokens["pass"] = sign_row(stage.site.link_secrets, PASS_PURPOSE, past.id, past.nonce)


def _bring(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Let Petra book for two, and bring Gwen, who has links of her own."""
    for name in ("coming", "past", "cancelled"):
        with unit() as session:
            book_place(
                stage.ids[name],
                PlaceRequest(
                    name=words.name,
                    email="petra@example.org",
                    locale="en",
                    places=2,
                    guests=(GuestRequest(words.name, "gwen@example.org"),),
                ),
                site=stage.site,
                at=at,
            )
            ours = (Booking.event_id == stage.ids[name], Booking.places == 2)
            booking, guest = session.execute(select(Booking, Guest).join(Guest).where(*ours)).one()
            stage.tokens[f"{name} party"] = manage_token(booking, stage.site)
            stage.tokens[f"{name} guest"] = guest_token(guest, stage.site)
            stage.tokens[f"{name} guest join"] = guest_join_token(guest, stage.site)


def _wait(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Fill the full event and let two people wait; just before it somebody cancels, so one of them has an offer."""
    event_id = stage.ids["full"]
    for name in ("eve", "offered", "waiting"):
        with unit() as session:
            email = f"{name}@example.org"
            book_place(
                event_id,
                PlaceRequest(name=words.name, email=email, organisation=words.organisation, locale="en"),
                site=stage.site,
                at=at,
            )
            booking = session.scalars(select(Booking).where(Booking.email_normalised == email)).one()
            stage.tokens[f"{name} booking"] = manage_token(booking, stage.site)
            stage.ids[f"{name} booking"] = booking.id
            stage.references[f"{name} reference"] = booking.reference
    with unit() as session:
        event = session.get(Event, event_id)
        assert event is not None
        cancel_booking(stage.ids["eve booking"], site=stage.site, at=event.starts_at - timedelta(hours=3))
        session.execute(update(Job).where(Job.name == SEND).values(run_at=at))  # written "then", sent now


def _follow(stage: Stage, unit: Unit, *, at: datetime) -> None:
    """Let Cleo have a calendar of her bookings, and Asha one of every event."""
    with unit():
        owners = (
            make_feed(FeedPurpose.BOOKINGS, address=CLEO, at=at),
            make_feed(FeedPurpose.DESK, person_id=stage.people["organiser"], at=at),
        )
        for feed in owners:
            stage.tokens[f"{feed.purpose} calendar"] = feed_token(feed, stage.site)


def _come(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Let somebody have come to the past event, with a certificate that was drawn."""
    event_id, email = stage.ids["past"], "nell@example.org"
    with unit() as session:
        request = PlaceRequest(name=words.name, email=email, locale="en", organisation=words.organisation)
        book_place(event_id, request, site=stage.site, at=at - timedelta(days=60))
        booking = session.scalars(select(Booking).where(Booking.email_normalised == email)).one()
        stage.tokens["came booking"] = manage_token(booking, stage.site)
        set_by_hand(event_id, {booking.id: Verdict.ATTENDED}, at=at, actor=stage.people["organiser"])
        make_out(event_id, Progress(), site=stage.site, at=at)
        for certificate_id in session.scalars(select(Certificate.id)).all():
            keep_drawn(certificate_id, b"%PDF-1.7", at=at)


def _answer(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Let a calendar answer for Cleo from an address that is not hers, so that she has to say whether it was she."""
    with unit() as session:
        mine = select(CalendarInvite).where(CalendarInvite.booking_id == stage.ids["coming booking"])
        uid = session.scalars(mine).one().uid
        reply = Answering(uid, stage.site.mail_from, CLEO, "TENTATIVE", sender="somebody@example.net", stamp=at)
        raw = google(replace(reply, comment=words.title))
        inbound = read_inbound(raw, envelope_from=None, authserv_id="")
        process_inbound(inbound, raw, envelope_to=stage.site.mail_from, site=stage.site, at=at)
        row = session.scalars(select(InboundMail)).one()
        stage.tokens["held reply"] = held_token(row, stage.site)


def _join(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Let Nora ask to become a member, and Dev for another password: each has a link in a mail."""
    with unit() as session:
        given = {"locale": "en", "site": stage.site, "at": at}
        ask_to_join("nora@example.org", name=words.name, organisation=words.organisation, occasion="stage", **given)
        ask_for_new_password("dev@example.org", **given)
        session.flush()
        mails = session.scalars(select(Message).where(Message.about_type == ABOUT)).all()
        codes = {mail.kind: account_code(stage.site.link_secrets, mail.facts["account_seed"]) for mail in mails}
    stage.tokens["join us"] = codes[MessageKind.CONFIRM_ADDRESS]
    stage.tokens["reset"] = codes[MessageKind.NEW_PASSWORD]


def _need(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Let Cleo say what she needs at two events, promise it, and state what the events provide."""
    asha, lee = stage.people["organiser"], stage.people["access_lead"]
    for name in ("coming", "past"):
        with unit():
            event_id, booking_id = stage.ids[name], stage.ids[f"{name} booking"]
            due_on = (at + timedelta(days=20)).date() if name == "coming" else None
            for kind, note in ((AccessKind.CAPTIONS, None), (AccessKind.OTHER, words.text[:300])):
                provision = add_provision(event_id, kind, note=note, due_on=due_on, at=at, actor=asha)
            change_access_needs(booking_id, words.said, site=stage.site, at=at - timedelta(days=30))
            kinds = [AccessKind.CAPTIONS]
            answer_need(booking_id, promised=words.said, kinds=kinds, version=1, at=at, actor=lee)
            stage.ids[f"{name} provision"], stage.ids[f"{name} need"] = provision.id, booking_id


def _recorded(stage: Stage, at: datetime) -> Kept:
    """Return a recording as it was sent; no film is made here, since nobody plays it."""
    return storage_at(stage.site.media_url).keep(io.BytesIO(b"sent"), at=at)


def _make_recording(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Let the recording be ready, with captions and a transcript."""
    with unit() as session:
        asset = session.scalars(select(MediaAsset)).one()
        stage.ids["media"] = asset.id
        made = Made(MediaKind.AUDIO, "audio/mp4", 61_000, None, None, poster=False)
        keep_made(asset.id, made, _recorded(stage, at), None, at=at)
        captions = f"WEBVTT\n\n00:00.000 --> 00:04.000\n{words.title}\n"
        for kind, body in ((TrackKind.CAPTIONS, captions), (TrackKind.TRANSCRIPT, words.said)):
            asset.tracks.append(MediaTrack(kind=kind, language="en", body=body, made_on=at.date()))


def _say(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Leave an answer and comments: one published, one waiting, one refused."""
    everything = frozenset(Purpose)
    with unit():
        stage.tokens["receipt"] = receive_answers(
            stage.ids["consultation"],
            answers={1: Answer(words.said, recording=_recorded(stage, at)), 2: "Pay farmers for wet meadows."},
            sender=Sender(IdentityBasis.GUEST, email="gia@example.org"),
            naming=Naming(Attribution.PSEUDONYM, words.name),
            consents=everything,
            wordings=every_wording(),
            key=stage.new_key(),
            language="en",
            site=stage.site,
            at=at,
        )
    with unit():
        stage.tokens["draft"] = save_draft(
            stage.ids["consultation"],
            fields={"answer-1": words.said, "attribution": "pseudonym", "display_name": words.name, "publish": True},
            email="gia@example.org",
            key=stage.new_key(),
            locale="en",
            site=stage.site,
            at=at,
        )
    for number, text in enumerate((words.said, "The captions helped.", "Buy my boat.")):
        with unit():
            receive_comment(
                stage.ids["past"],
                question_id=stage.ids["question"] if number == 0 else None,
                body=text,
                sender=Sender(
                    IdentityBasis.MEMBER, person_id=stage.people["member"], name="Dev", email="dev@example.org"
                ),
                naming=Naming(Attribution.ORGANISATION, organisation=words.organisation),
                consents=everything,
                wordings=every_wording(),
                key=stage.new_key(),
                language="en",
                site=stage.site,
                at=at,
            )
    _make_recording(stage, unit, words, at=at)
    moderator = stage.people["moderator"]
    with unit() as session:
        responses = session.scalars(select(Response).order_by(Response.id)).all()
        by_words = {(response.kind.value, response.body_original): response.id for response in responses}
        stage.ids["waiting"] = by_words["comment", "The captions helped."]
        refused = by_words["comment", "Buy my boat."]
        shown = [response.id for response in responses if response.id not in (stage.ids["waiting"], refused)]
        for each in shown:
            decide(each, action=ModerationAction.PUBLISH, reason_code=None, note=None, moderator=moderator, at=at)
        stage.ids["published"], stage.ids["refused"] = shown[0], refused
        stage.ids["own"] = stage.ids["waiting"]
        recorded = (ResponseKind.ANSWER, stage.ids["media"])
        stage.ids["answered"] = next(each.id for each in responses if (each.kind, each.media_id) == recorded)
        stage.ids["published comment"] = by_words["comment", words.said]
    _reply(stage, unit, words, at=at)


def _reply(stage: Stage, unit: Unit, words: Words, *, at: datetime) -> None:
    """Let a stranger with the pass reply to the published comment."""
    with unit():
        receive_comment(
            stage.ids["past"],
            question_id=None,
            parent_id=stage.ids["published comment"],
            body=words.said,
            sender=Sender(IdentityBasis.GUEST),
            naming=Naming(Attribution.PSEUDONYM, words.name),
            consents=frozenset(Purpose),
            wordings=every_wording(),
            key=stage.new_key(),
            language="en",
            site=stage.site,
            at=at,
        )
    with unit() as session:
        reply = session.scalars(select(Response).where(Response.kind == ResponseKind.REPLY)).one()
        decide(reply.id, action=ModerationAction.PUBLISH, moderator=stage.people["moderator"], at=at)
        stage.ids["reply"] = reply.id
