"""A filter that learns from moderators' decisions: multinomial naive Bayes over the words that a text holds.

It keeps digests of words with two numbers each, so that nobody's words or names can be read from it (P17, P18), and
says nothing before it has seen enough of both kinds.
"""

import hashlib
import math
import re
from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy import case, insert, select, update
from sqlalchemy.exc import IntegrityError

from engage.kernel.db import db
from engage.responses.models import SpamWord

FEWEST_SEEN = 10  # of each kind
SPAM_FROM = 0.95
MOST_WORDS = 150  # the first of a text
ALL = ""  # the row that counts the texts themselves
_WORD = re.compile(r"[^\W\d_]{3,40}|[$£€%]|www|https?")


def spam_score(text: str) -> float | None:
    """Return how likely a text is advertising, 0 to 1; None while too little was learned.

    Words never seen say nothing; Laplace's rule keeps one word from deciding alone.
    """
    digests = _digests(text)
    rows = db.session.execute(
        select(SpamWord.word, SpamWord.ham, SpamWord.spam).where(SpamWord.word.in_([ALL, *digests]))
    )
    seen = {word: (ham, spam) for word, ham, spam in rows}
    all_ham, all_spam = seen.pop(ALL, (0, 0))
    if min(all_ham, all_spam) < FEWEST_SEEN:
        return None
    odds = math.log(all_spam / all_ham) + sum(
        math.log((spam + 1) / (all_spam + 2)) - math.log((ham + 1) / (all_ham + 2)) for ham, spam in seen.values()
    )
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, odds))))


def learn(text: str, *, is_spam: bool, times: int = 1) -> None:
    """Remember that moderators took a text for advertising, or not; `times=-1` forgets it again."""
    words = sorted([ALL, *_digests(text)])
    among = SpamWord.word.in_(words)
    known = set(db.session.scalars(select(SpamWord.word).where(among).order_by(SpamWord.word).with_for_update()))
    new = [{"word": word, "ham": 0, "spam": 0} for word in words if word not in known]
    if new:
        with suppress(IntegrityError), db.session.begin_nested():  # another moderator brings the same words
            db.session.execute(insert(SpamWord), new)
    column = SpamWord.spam if is_spam else SpamWord.ham
    changed = case((column + times > 0, column + times), else_=0)
    db.session.execute(
        update(SpamWord).where(among).values({column: changed}).execution_options(synchronize_session=False)
    )


def _digests(text: str) -> Iterable[str]:
    words = dict.fromkeys(_WORD.findall(text.casefold()))
    return [hashlib.blake2b(word.encode(), digest_size=12).hexdigest() for word in list(words)[:MOST_WORDS]]
