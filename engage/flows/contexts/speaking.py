"""What the mails about speaking need: to organisers, and to speakers themselves."""

from typing import Any

from engage.kernel.links import line_up_url
from engage.kernel.settings import Site
from engage.kernel.text import clean
from engage.mail.models import Message


def answered_context(message: Message, site: Site) -> dict[str, Any]:
    """Return who answered what, in their own words, for the organisers of an event."""
    facts = message.facts
    return {
        "speaker": clean(facts["speaker"], limit=200),
        "answer": facts["answer"],
        "words": facts["words"],
        "links": {"line_up": line_up_url(site.base_url, facts["event"]["slug"])},
    }
