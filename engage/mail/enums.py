"""Closed sets."""

from enum import StrEnum


class MessageKind(StrEnum):
    """The occasions on which we write; each names its folder under templates/email/."""

    INVITATION = "invitation"
    ALREADY_BOOKED = "already_booked"
    MOVED = "moved"
    UPDATED = "updated"
    BOOKING_CANCELLED = "booking_cancelled"
    EVENT_CANCELLED = "event_cancelled"
    WAITING = "waiting"
    OFFER = "offer"
    OFFER_EXPIRED = "offer_expired"
    LIST_CLOSED = "list_closed"
    GUEST_LEFT = "guest_left"
    REMINDER = "reminder"
    CAME = "came"
    MISSED = "missed"
    WAITED = "waited"
    BOOKING_DIGEST = "booking_digest"
    EVENT_FULL = "event_full"
    FIRST_WAITING = "first_waiting"
    RECEIPT = "receipt"
    SPEAKER_INVITED = "speaker_invited"
    SPEAKER_REMOVED = "speaker_removed"
    SPEAKER_ANSWERED = "speaker_answered"
    NO_LONGER_BOOKED = "no_longer_booked"
    REPLY_HELD = "reply_held"
    REPLY_NOTE = "reply_note"
    STILL_COMING = "still_coming"
    COUNTER_DECLINED = "counter_declined"
    FORWARDED = "forwarded"
    LETTER = "letter"
    FEED_LINK = "feed_link"
    MAIL_TEST = "mail_test"
    DRAFT_LINK = "draft_link"
    DRAFT_REMINDER = "draft_reminder"
    ANSWERS_COPY = "answers_copy"
    DECISION = "decision"
    REPLIED = "replied"
    MODERATION_DIGEST = "moderation_digest"
    MEDIA_REFUSED = "media_refused"
    CONFIRM_ADDRESS = "confirm_address"
    HAS_ACCOUNT = "has_account"
    NEW_PASSWORD = "new_password"  # noqa: S105 - an occasion


# What nobody needs in order to take part: stopped by one click, and dropped if it comes too late (S11, P14).
PLANNED = frozenset({MessageKind.REMINDER, MessageKind.CAME, MessageKind.MISSED, MessageKind.WAITED})
OPTIONAL = PLANNED | {MessageKind.LETTER}
# What tells who answered a consultation: nobody on the staff reads of it, nor of what became of it (P2).
CONFIDENTIAL = frozenset(
    {
        MessageKind.RECEIPT,
        MessageKind.DRAFT_LINK,
        MessageKind.DRAFT_REMINDER,
        MessageKind.ANSWERS_COPY,
        MessageKind.DECISION,
        MessageKind.REPLIED,
        MessageKind.MEDIA_REFUSED,
        MessageKind.CONFIRM_ADDRESS,
        MessageKind.HAS_ACCOUNT,
        MessageKind.NEW_PASSWORD,
    }
)
# What the site writes to its own people: without it they would not even learn that mail to them fails.
TO_OURSELVES = frozenset(
    {
        MessageKind.BOOKING_DIGEST,
        MessageKind.EVENT_FULL,
        MessageKind.FIRST_WAITING,
        MessageKind.SPEAKER_ANSWERED,
        MessageKind.REPLY_NOTE,
        MessageKind.FORWARDED,
        MessageKind.MAIL_TEST,
        MessageKind.MODERATION_DIGEST,
    }
)


class MessageState(StrEnum):
    """What became of a message. The lease of one being sent is its job's."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    BOUNCED = "bounced"


class InboundOutcome(StrEnum):
    """What became of a mail that came in."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"  # it says what we knew
    HELD = "held"  # until the invited person confirms that it is theirs
    BOOKED_AGAIN = "booked again"
    WAITING_AGAIN = "waiting again"
    NO_PLACE = "no place"
    STRANGER = "stranger"  # neither its author nor its ATTENDEE was invited
    FORGED = "forged"  # not a held one: nobody is to be asked
    STALE = "stale"  # older than what was applied
    OLD_TIME = "old time"  # it answers a time that has changed
    ONE_INSTANCE = "one instance"  # of a series, which no event of ours is
    ENDED = "ended"  # the event is over, or the entry was taken back
    TOLD = "told"  # organisers were
    SENT_AGAIN = "sent again"
    BOUNCED = "bounced"
    DELAYED = "delayed"
    UNMATCHED = "unmatched"
    NOTED = "noted"  # an automatic answer
    FORWARDED = "forwarded"
    TOO_MANY = "too many"
    KEPT = "kept"  # a person's words, and nobody to forward them to
    FAILED = "failed"  # a fault of ours
    CONFIDENTIAL = "confidential"  # about a mail that no list shows: nothing is kept of it


class InboundKind(StrEnum):
    """What a mail that came in was taken for, in this order."""

    REFUSED = "refused"
    BOUNCE = "bounce"
    REPLY = "reply"
    AUTOMATIC = "automatic"
    PERSON = "person"
