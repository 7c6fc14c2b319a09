"""The words of every mail: complete, escaped, linked, and readable as plain text alone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import html5lib
import jinja2
import pytest

from engage.bookings.letter_words import Piece
from engage.flows.composing import LIST_OF_LINKS, REMOVED
from engage.flows.contexts.speaking import SPEAKER_TEMPLATES
from engage.mail.enums import OPTIONAL, MessageKind
from engage.mail.rendering import TEMPLATES, event_words, render

START = datetime(2027, 3, 31, 11, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOSTILE = "<script>alert(1)</script> & \"co\" 'x'"
LINKS = {
    "invitation": {"join", "manage", "cancel", "event", "privacy"},
    "already_booked": {"join", "manage", "cancel", "privacy"},
    "moved": {"join", "manage", "cancel", "privacy"},
    "updated": {"join", "manage", "cancel", "privacy"},
    "booking_cancelled": {"event", "manage", "privacy"},
    "event_cancelled": {"event", "privacy"},
    "guest_left": {"manage", "privacy"},
    "waiting": {"manage", "leave", "privacy"},
    "offer": {"accept", "leave", "manage", "privacy"},
    "offer_expired": {"event", "privacy"},
    "list_closed": {"event", "privacy"},
    "reminder": {"join", "manage", "cancel", "unsubscribe", "privacy"},
    "came": {"comments", "manage", "unsubscribe", "privacy"},
    "missed": {"comments", "unsubscribe", "privacy"},
    "waited": {"event", "unsubscribe", "privacy"},
    "booking_digest": {"list", "notices", "privacy"},
    "event_full": {"list", "notices", "privacy"},
    "first_waiting": {"list", "notices", "privacy"},
    "speaker_invited": {"manage", "join", "event", "privacy"},
    "speaker_moved": {"manage", "join", "privacy"},
    "speaker_updated": {"manage", "join", "privacy"},
    "speaker_cancelled": {"privacy"},
    "speaker_removed": {"privacy"},
    "speaker_answered": {"line_up", "privacy"},
    "no_longer_booked": {"event", "manage", "privacy"},
    "still_coming": {"cancel", "manage", "privacy"},
    "reply_held": {"reply", "privacy"},
    "reply_note": {"list", "privacy"},
    "counter_declined": {"event", "privacy"},
    "forwarded": {"privacy"},
    "receipt": {"own_words", "receipt", "privacy"},
    "decision": {"receipt", "privacy"},
    "replied": {"thread", "receipt", "privacy"},
    "media_refused": {"receipt", "privacy"},
    "moderation_digest": {"queue", "pile", "privacy"},
    "letter": {"event", "unsubscribe", "privacy"},
    "draft_link": {"draft", "privacy"},
    "answers_copy": {"privacy"},
    "draft_reminder": {"draft", "privacy"},
}
SUBJECTS = {
    "invitation": "Invitation: Soup, Wed 31 Mar 12:30 (UK)",
    "already_booked": "Your booking: Soup, Wed 31 Mar 12:30 (UK)",
    "moved": "New time: Soup, Wed 31 Mar 12:30 (UK)",
    "updated": "Updated: Soup, Wed 31 Mar 12:30 (UK)",
    "booking_cancelled": "Booking cancelled: Soup, Wed 31 Mar 12:30 (UK)",
    "event_cancelled": "Cancelled: Soup, Wed 31 Mar 12:30 (UK)",
    "guest_left": "One place fewer: Soup, Wed 31 Mar 12:30 (UK)",
    "waiting": "Waiting list: Soup, Wed 31 Mar 12:30 (UK)",
    "offer": "A place for you: Soup, Wed 31 Mar 12:30 (UK)",
    "offer_expired": "No longer kept for you: Soup, Wed 31 Mar 12:30 (UK)",
    "list_closed": "Waiting list ended: Soup, Wed 31 Mar 12:30 (UK)",
    "reminder": "Reminder: Soup, Wed 31 Mar 12:30 (UK)",
    "came": "What do you think after “Soup”?",
    "missed": "The recording of “Soup”",
    "waited": "The recording of “Soup”",
    "booking_digest": "New bookings: Soup, Wed 31 Mar 12:30 (UK)",
    "event_full": "Every place is taken: Soup, Wed 31 Mar 12:30 (UK)",
    "first_waiting": "Somebody waits for a place: Soup, Wed 31 Mar 12:30 (UK)",
    "speaker_invited": "Invitation to speak: Soup, Wed 31 Mar 12:30 (UK)",
    "speaker_moved": "New time: Soup, Wed 31 Mar 12:30 (UK)",
    "speaker_updated": "Updated: Soup, Wed 31 Mar 12:30 (UK)",
    "speaker_cancelled": "Cancelled: Soup, Wed 31 Mar 12:30 (UK)",
    "speaker_removed": "No longer in the line-up: Soup, Wed 31 Mar 12:30 (UK)",
    "speaker_answered": "Ben Okri cannot speak: Soup, Wed 31 Mar 12:30 (UK)",
    "no_longer_booked": "You are no longer booked: Soup, Wed 31 Mar 12:30 (UK)",
    "still_coming": "Are you coming? Soup, Wed 31 Mar 12:30 (UK)",
    "reply_held": "Somebody answered for you: Soup, Wed 31 Mar 12:30 (UK)",
    "reply_note": "Another time proposed: Soup, Wed 31 Mar 12:30 (UK)",
    "counter_declined": "The time stays as it is: Soup, Wed 31 Mar 12:30 (UK)",
    "forwarded": "Cleo wrote: Soup",
    "receipt": "Your answers have arrived: Food for all",
    "decision": "Not published: what you said on Food for all",
    "replied": "We replied to what you said: Food for all",
    "media_refused": "Your recording could not be used: Food for all",
    "moderation_digest": "Responses wait to be read: Food for all",
    "letter": "Bring a spoon to Soup",
    "answers_copy": "A copy of your words on Food for all",
    "draft_link": "Your saved answers: Food for all",
    "draft_reminder": "Not sent yet: your answers to Food for all",
}
KINDS = sorted(LINKS)
# These mails are tested with the pages that send them.
BESIDE_THEIR_PAGES = {
    "confirm_address",
    "feed_link",
    "has_account",
    "mail_test",
    "new_password",
}
ABOUT_NO_TIME = {"receipt", "decision", "replied", "forwarded", "answers_copy", "draft_link", "draft_reminder"}
ABOUT_NO_TIME |= {"media_refused", "moderation_digest"}
BOOKED = ["already_booked", "invitation", "moved", "updated"]


def context(title: str = "Soup", **changes: Any) -> dict[str, Any]:
    """Return what any mail may use."""
    values: dict[str, Any] = {
        "organisation_name": "Tidewell Network",
        "contact_email": "hello@tidewell.example",
        "greeting_name": "Cleo",
        "links": {name: f"https://e.example/{name}/x?a=1&b=2" for name in set().union(*LINKS.values())},
        "event": event_words(
            title=title,
            starts_at=START,
            ends_at=START + HOUR,
            timezone="Europe/London",
            was=(START - HOUR, START, "Europe/London"),
        ),
        "speakers": ["Ben Okri, Kitchens United"],
        "provided": ["Live captions", "Breaks"],
        "questions": [{"number": 3, "text": "Who cooks?", "url": "https://e.example/questions/3/"}],
        "changes": ["It is now called “Soup”."],
        "reason": "The kitchen is closed.",
        "handed_over": False,
        "promoted": False,
        "moved": False,
        "ahead": 2,
        "recording_url": "https://video.example/1",
        "surely_missed": True,
        "comments_until": "Wednesday 28 April 2027",
        "places": 1,
        "brought_by": "",
        "guest_name": "Gwen",
        "until_words": "2pm (UK time) on Tuesday 30 March 2027",
        "kind": "answer",
        "about_title": "Food for all",
        "answers": [{"number": 3, "question": "Who cooks?", "paragraphs": ["We do.", "All."], "day": "31 March 2027"}],
        "closes_words": "Wednesday 28 April 2027",
        "count": 2,
        "number": 3,
        "action": "refuse",
        "taken_out": "words",
        "note": "Try question 2.",
        "speaker": "Ben Okri",
        "answer": "declined",
        "words": "I am away.\nSorry.",
        "who": "Cleo",
        "what": "counter",
        "delegate": "",
        "proposed": "2pm (UK time) on Thursday 1 April 2027",
        "about": title,
        "sender": "cleo@example.org",
        "files": 2,
        "is_cut": True,
        "is_unread": False,
        "is_test": False,
        "letter_subject": f"Bring a spoon to {title}",
        "segment": "booked",
        "chairs": False,
        "answered": "",
        "summary": "How to cook for many.",
        "tentative": False,
        "confirmed": False,
        "elsewhere": False,
        "others": ["Ada Lovelace, Analytical Society"],
    }
    page = Piece("The event’s page", values["links"]["event"])
    values["paragraphs"] = [[[Piece("Bring a spoon to "), Piece(title), Piece(".")], [Piece("See "), page]]]
    counts = {"bookings": 3, "cancelled": 1, "waiting": 2, "taken": 20, "capacity": 20}
    values |= {"capacity": 20, "events": [{"event": values["event"], "links": values["links"], **counts}]}
    values |= changes
    pile = {"title": values["about_title"], "waiting": 3, "flagged": 1, "link": values["links"]["pile"]}
    return {"collections": [pile], **values}


def test_each_kind_of_mail_has_its_folder() -> None:
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert set(KINDS) <= {kind.value for kind in MessageKind} | set(SPEAKER_TEMPLATES.values())
    assert folders - BESIDE_THEIR_PAGES == {*KINDS, LIST_OF_LINKS, REMOVED}


@pytest.mark.parametrize("kind", KINDS)
def test_a_subject_says_what_happened_and_when(kind: str) -> None:
    assert render(kind, context()).subject == SUBJECTS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_both_texts_carry_every_link_that_the_kind_needs(kind: str) -> None:
    mail = render(kind, context())
    for name in LINKS[kind]:
        assert f"https://e.example/{name}/x?a=1&b=2" in mail.text
        assert f'href="https://e.example/{name}/x?a=1&amp;b=2"' in mail.html
    linked = set(re.findall(r"https://e\.example/(\w+)/x", mail.text + mail.html))
    assert linked == LINKS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_valid_and_has_one_heading_of_the_first_level(kind: str) -> None:
    mail = render(kind, context())
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(mail.html)
    assert len(document.findall(".//h1")) == 1
    assert document.find(".//title").text == mail.subject
    assert document.get("lang") == "en"
    assert "prefers-color-scheme: dark" in mail.html
    assert not re.search(r"<(?:img|link|script|iframe|form)\b|url\(", mail.html)


@pytest.mark.parametrize("kind", KINDS)
def test_plain_text_is_plain_and_never_has_two_empty_lines(kind: str) -> None:
    text = render(kind, context()).text
    assert not re.search(r"[<>]|&\w+;", text.replace("\n> ", "\n"))  # quoted words
    assert "\n\n\n" not in text
    assert text.startswith("Hello Cleo,\n\n")


@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("places", [1, 2])
@pytest.mark.parametrize("reason", ["", "The kitchen is closed."])
@pytest.mark.parametrize("kind", ["waiting", "list_closed", "event_cancelled"])
def test_in_plain_text_each_paragraph_stands_alone(kind: str, reason: str, places: int, ahead: int) -> None:
    """An `endif` at the end of a line takes the line's end with it."""
    text = render(kind, context(reason=reason, places=places, ahead=ahead)).text
    assert not re.search(r"[.?!][A-Z]", text.replace("https://e.example", "")), text
    assert "\n\nSoup\nWednesday" in text
    assert "\n\n\n" not in text
    for start in ("You wait for", "When a place comes free", "The reason:", "Go to the event"):
        assert start not in text or f"\n\n{start}" in text, start


@pytest.mark.parametrize("kind", sorted(set(KINDS) - ABOUT_NO_TIME))
def test_day_and_time_with_their_zone_stand_in_both_texts(kind: str) -> None:
    mail = render(kind, context())
    for words in ("Wednesday 31 March 2027", "12:30pm to 1:30pm, UK time (BST)"):
        assert words in mail.text
        assert words in mail.html


def test_a_move_names_the_old_time_as_well() -> None:
    mail = render("moved", context())
    for text in (mail.text, mail.html):
        assert "It was on Wednesday 31 March 2027, 11:30am to 12:30pm, UK time (BST)." in text


def test_an_update_says_what_changed() -> None:
    mail = render("updated", context())
    assert "- It is now called “Soup”." in mail.text
    assert "It is now called “Soup”." in mail.html


@pytest.mark.parametrize(("reason", "shown"), [("The kitchen is closed.", True), ("", False)])
def test_a_cancelled_event_gives_its_reason_if_there_is_one(reason: str, shown: bool) -> None:
    mail = render("event_cancelled", context(reason=reason))
    assert ("The reason: The kitchen is closed." in mail.text) is shown
    assert ("The reason:" in mail.html) is shown


@pytest.mark.parametrize("kind", BOOKED)
def test_who_booked_is_told_to_use_the_link_since_nobody_reads_replies(kind: str) -> None:
    mail = render(kind, context())
    for text in (mail.text, mail.html):
        assert "I can’t come" in text
        assert "Answering in your calendar does not reach us" in text


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "Your answer to “Food for all” has arrived."),
        (2, "Your 2 answers to “Food for all” have arrived."),
    ],
)
def test_a_receipt_counts_the_answers(count: int, sentence: str) -> None:
    assert sentence in render("receipt", context(count=count)).text


def test_a_receipt_of_a_comment_speaks_of_a_comment() -> None:
    mail = render("receipt", context(kind="comment"))
    assert mail.subject == "Your comment has arrived: Food for all"
    assert "Your comment on “Food for all” has arrived." in mail.text


def test_a_receipt_of_a_question_to_the_speakers_speaks_of_one() -> None:
    mail = render("receipt", context(kind="question"))
    assert mail.subject == "Your question has arrived: Food for all"
    assert "Your question to the speakers of “Food for all” has arrived." in mail.text


@pytest.mark.parametrize("kind", KINDS)
def test_html_in_any_text_is_shown_and_not_obeyed(kind: str) -> None:
    mail = render(
        kind,
        context(
            title=HOSTILE,
            greeting_name=HOSTILE,
            organisation_name=HOSTILE,
            speakers=[HOSTILE],
            provided=[HOSTILE],
            changes=[HOSTILE],
            reason=HOSTILE,
            about_title=HOSTILE,
            questions=[{"number": 3, "text": HOSTILE, "url": "https://e.example/q"}],
        ),
    )
    assert "<script" not in mail.html.lower()
    assert "&lt;script&gt;" in mail.html


@pytest.mark.parametrize("kind", KINDS)
def test_a_percent_sign_and_braces_in_a_title_are_only_text(kind: str) -> None:
    title = "100% {soup} %(name)s {{ 7 * 7 }}"
    mail = render(kind, context(title=title, about_title=title))
    assert title in mail.subject
    assert title in mail.text + mail.html


@pytest.mark.parametrize(
    ("typed", "greeting"),
    [
        ("Cleo", "Hello Cleo,"),
        ("", "Hello,"),
        ("Win at https://evil.example/now Cleo", "Hello Win at Cleo,"),
        ("www.evil.example", "Hello,"),
        ("evil@example.org", "Hello,"),
        ("Cleo\r\n\r\nYou have won", "Hello Cleo You have won,"),
        ("Dr. J. O’Neill", "Hello Dr. J. O’Neill,"),
    ],
)
def test_a_greeting_holds_a_name_and_no_address(typed: str, greeting: str) -> None:
    assert render("invitation", context(greeting_name=typed)).text.partition("\n")[0] == greeting


def test_a_subject_stays_one_line_whatever_the_title() -> None:
    mail = render("invitation", context(title="x\r\nBcc: evil@example.org =?utf-8?q?=0D=0A?="))
    assert mail.subject.startswith("Invitation: x Bcc: evil@example.org = ?utf-8")
    assert mail.subject.isprintable()


@pytest.mark.parametrize("missing", ["links", "event", "organisation_name", "speakers"])
def test_a_missing_fact_stops_the_mail(missing: str) -> None:
    facts = context()
    del facts[missing]
    with pytest.raises(jinja2.UndefinedError, match=missing):
        render("invitation", facts)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        render("nonsense", context())


def test_no_speakers_and_no_questions_leave_no_empty_heading() -> None:
    mail = render("invitation", context(speakers=[], questions=[]))
    for text in (mail.text, mail.html):
        assert "Who speaks" not in text
        assert "What we will discuss" not in text


@pytest.mark.parametrize("kind", ["invitation", "reminder"])
def test_what_the_event_provides_is_one_line_or_none(kind: str) -> None:
    told, silent = render(kind, context()), render(kind, context(provided=[]))
    for text in (told.text, told.html):
        assert "Provided, so that everybody can take part: Live captions; Breaks." in text
    for text in (silent.text, silent.html):
        assert "Provided" not in text


def test_another_language_turns_dates_and_the_page() -> None:
    words = event_words(title="Cawl", starts_at=START, ends_at=START + HOUR, timezone="Europe/London", locale="cy")
    assert words["date_words"].endswith("31 Mawrth 2027")
    assert '<html lang="cy" dir="ltr"' in render("invitation", context(event=words), "cy").html
    assert 'dir="rtl"' in render("invitation", context(), "ar").html


def test_the_mail_of_links_says_why_it_comes_to_guests_and_to_who_waits_as_well() -> None:
    mail = render(LIST_OF_LINKS, context(bookings=[]))
    for text in (mail.text, mail.html):
        assert "because this address has a place or waits for one, and somebody gave it" in text


def test_mails_of_the_waiting_list_say_what_is_true() -> None:
    assert "You are number 3 in the queue." in render("waiting", context()).text
    assert "You are first in the queue." in render("waiting", context(ahead=0)).text
    assert "The event has a new time" in render("waiting", context(moved=True)).text
    assert "until 2pm (UK time) on Tuesday 30 March 2027" in render("offer", context()).text
    assert "A place came free, and it is yours." in render("invitation", context(promoted=True)).text
    assert "Your place is booked." in render("invitation", context()).text
    assert "does not take place" in render("list_closed", context()).text
    assert "no place came free" in render("list_closed", context(reason="")).text


@pytest.mark.parametrize("kind", sorted(OPTIONAL))
def test_an_optional_mail_says_why_it_came_and_how_to_stop_it(kind: str) -> None:
    mail = render(kind, context())
    for text in (mail.text, mail.html):
        assert ("Stop reminders about this event" if kind == "reminder" else "Stop mails like this") in text


def test_who_came_is_asked_about_the_questions_that_were_discussed() -> None:
    """P10: the link to the form is the event's own, and the mail says so."""
    mail = render("came", context())
    for text in (mail.text, mail.html):
        assert "What is your own answer?" in text
        assert "Who cooks?" in text
        assert "Comments are open until Wednesday 28 April 2027." in text
        assert "This link is the same for everybody who booked" in text
    without = render("came", context(questions=[])).text
    assert "What do you think of what you heard?" in without
    assert "What was discussed" not in render("came", context(questions=[])).html


def test_who_missed_it_gets_the_recording_and_without_one_the_questions() -> None:
    mail = render("missed", context())
    for text in (mail.text, mail.html):
        assert "https://video.example/1" in text
        assert "Who cooks?" in text
    without = render("missed", context(recording_url=""))
    assert without.subject == "What “Soup” was about"
    for text in (without.text, without.html):
        assert "There is no recording so far." in text
        assert "https://e.example/event/x" in text
        assert "Who cooks?" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answer": "DECLINED"}, "that you will not be there"),
        ({"answer": "TENTATIVE"}, "that you may be there"),
        ({"answer": "ACCEPTED"}, "that you will be there"),
    ],
)
def test_a_held_reply_says_what_was_answered(changes: dict[str, str], said: str) -> None:
    mail = render("reply_held", context(**changes))
    assert said in mail.text
    assert said in mail.html


def test_what_a_person_wrote_is_passed_on_quoted_and_says_what_is_left_out() -> None:
    mail = render("forwarded", context())
    assert "> I am away.\n> Sorry." in mail.text
    for text in (mail.text, mail.html):
        assert "your answer goes to cleo@example.org" in text
        assert "2 files came with it, and are not passed on." in text
        assert "The rest is left out" in text
    assert "too large or too complicated" in render("forwarded", context(is_unread=True)).text
    assert "There are no words in it." in render("forwarded", context(words="")).text


def test_who_hands_an_invitation_on_is_told_of_with_the_other_address_if_there_is_one() -> None:
    told = render("reply_note", context(what="delegated", delegate="dora@example.org"))
    assert told.subject.startswith("Somebody else may come: Soup")
    assert "Cleo handed the invitation to dora@example.org" in told.text
    assert "to somebody else in their calendar" in render("reply_note", context(what="delegated")).text


def test_once_comments_are_closed_no_mail_asks_for_one() -> None:
    for kind in ("came", "missed"):
        mail = render(kind, context(comments_until=""))
        assert "/comments/" not in mail.text + mail.html


def test_whoever_is_not_known_to_have_missed_it_is_told_so_softly() -> None:
    for recording in ("https://video.example/1", ""):
        known = render("missed", context(recording_url=recording))
        unknown = render("missed", context(recording_url=recording, surely_missed=False))
        for text in (known.text, known.html):
            assert "It looks as if you could not be" in text
        for text in (unknown.text, unknown.html):
            assert "If you could not be" in text
            assert "It looks as if" not in text
