"""What is said in a recording is found by its transcript, as long as the recording is played at all."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.kernel import clock
from engage.kernel.settings import Site
from engage.media.enums import MediaKind, MediaState, TrackKind
from engage.media.models import MediaAsset, MediaTrack
from engage.responses.enums import ModerationAction, ReasonCode
from engage.responses.search.facets import Looked, Medium
from engage.responses.search.index import find_responses
from engage.responses.search.words import terms_of
from engage.responses.services.moderating import Verdict, decide_and_tell
from tests.factories import make_person
from tests.responses.makers import answer, open_consultation, responses_of

Unit = Callable[[], AbstractContextManager[Session]]
WORDS = "My landlord never answers."


def found(typed: str, **looked: Medium) -> int:
    """Return how many responses are found."""
    return len(find_responses(terms_of(typed), Looked(**looked)))


def test_a_transcript_is_searched_until_the_recording_is_taken_out(unit: Unit, site: Site) -> None:
    day = clock.now().date()
    with unit():
        moderator = make_person("mo@example.org", "moderator").id
        [response] = responses_of(answer(open_consultation(), site=site, answers={1: WORDS}))
        track = MediaTrack(kind=TrackKind.TRANSCRIPT, language="en", body="Bob Smith says no.", made_on=day)
        response.media = MediaAsset(
            kind=MediaKind.AUDIO, state=MediaState.READY, storage_key="k", size=9, received_on=day, tracks=[track]
        )
        response_id = response.id
    with unit():
        assert (found("smith"), found("landlord", medium=Medium.AUDIO), found("landlord", medium=Medium.TEXT)) == (
            1,
            1,
            0,
        )
        verdict = Verdict(ModerationAction.REDACT, ReasonCode.NAMES_SOMEBODY, body=WORDS)
        decide_and_tell(response_id, verdict, moderator=moderator, site=site, at=clock.now())
    with unit():
        assert (found("smith"), found("landlord")) == (0, 1)
        decide_and_tell(response_id, Verdict(ModerationAction.RESTORE), moderator=moderator, site=site, at=clock.now())
    with unit() as session:
        assert found("smith") == 1
        session.scalars(select(MediaTrack)).one().body = "Somebody says no."
    with unit():
        assert (found("smith"), found("somebody")) == (0, 1)
