"""Something of every state, for whatever reads the whole store."""

from typing import Any

from engage.kernel import clock
from engage.kernel.settings import Site
from engage.responses.enums import Attribution, IdentityBasis, ModerationAction, Purpose, ReasonCode
from engage.responses.services import Naming, Sender, decide, withdraw
from engage.responses.services.answers import Answer
from engage.responses.services.moderating import Verdict, decide_and_tell
from tests.factories import make_person
from tests.responses.makers import (
    ANONYMOUS,
    answer,
    ask_everything,
    comment,
    event_about,
    open_consultation,
    publish_all,
    responses_of,
)

QUOTED = frozenset({Purpose.QUOTE_REPORT})
UNSAID = Sender(IdentityBasis.GUEST, email="una@example.org", name="Una Said")
UNNAMED = Naming(Attribution.NOT_PUBLISHED)


def say_everything(site: Site) -> str:
    """Let "levelling-up" and "over-lunch" have responses of every state.

    Published by name, with a choice, after an event; anonymous in confidence; not to be published, of Una Said, who is
    not to be named; refused; redacted ("Dafydd" is taken out); taken back ("I regret this."). Returns the receipt code
    of the first sitting.
    """
    mo = make_person("mo@example.org", "moderator")
    consultation = open_consultation()
    option = ask_everything(consultation)
    given: dict[str, Any] = {"moderator": mo.id, "at": clock.now()}

    def say(answers: dict[int, Any], *, publish: bool = True, **other: Any) -> str:
        code = answer(consultation, site=site, answers={5: "=2+5", **answers}, **other)
        if publish:
            publish_all(code, moderator=mo)
        return code

    first = say({2: Answer(options=frozenset({option["Buses"].id, option["Other"].id}), other="Ferries")})
    say({4: "They moved us out."}, naming=ANONYMOUS, publish=False)
    say({5: "Not for you."}, consents=QUOTED, sender=UNSAID, naming=UNNAMED, publish=False)
    [refused] = responses_of(say({5: "Buy my boat."}, publish=False))
    decide(refused.id, action=ModerationAction.REFUSE, reason_code=ReasonCode.SPAM, **given)
    [named] = responses_of(say({5: "Ask Dafydd first."}))
    redaction = Verdict(ModerationAction.REDACT, ReasonCode.NAMES_SOMEBODY, body="Ask […] first.")
    decide_and_tell(named.id, redaction, site=site, **given)
    withdraw(say({5: "I regret this."}), at=clock.now())
    event = event_about(consultation)
    publish_all(comment(event, site=site, question_id=consultation.questions[0].id), moderator=mo)
    publish_all(comment(event, site=site, body="As a whole."), moderator=mo)
    return first
