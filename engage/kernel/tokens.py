"""Links and codes that open something.

Two kinds (S12). A *row token* can be made again whenever a mail needs it: an HMAC over a purpose, a row's
id and the row's nonce; a new nonce revokes it and nothing in the database opens one. A *receipt code* is
shown once: it is derived from the form's submission key and only its SHA-256 is kept.
"""

import base64
import binascii
import hashlib
import hmac
import secrets as random_source
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

MAC_BYTES = 20
UUID_BYTES = 16
KEY_LIFETIME = timedelta(hours=24)


def new_nonce() -> str:
    """Return 128 random bits; storing a new one revokes a row's links."""
    return random_source.token_hex(16)


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of a text as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes | None:
    if not text.isascii() or len(text) > 200:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _encode(raw) == text else None  # one spelling only


def _mac(secret: str, *parts: str) -> bytes:
    message = "\0".join(parts).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()[:MAC_BYTES]


def sign_row(secrets: Sequence[str], purpose: str, row_id: uuid.UUID, nonce: str) -> str:
    """Return the token of a row for one purpose: 48 URL-safe characters, 160 bits of MAC."""
    return _encode(row_id.bytes + _mac(secrets[0], purpose, row_id.hex, nonce))


def read_row_id(token: str) -> uuid.UUID | None:
    """Return the row that a token claims to open, or None if it is no token. Nothing is proven by it."""
    raw = _decode(token)
    if raw is None or len(raw) != UUID_BYTES + MAC_BYTES:
        return None
    return uuid.UUID(bytes=raw[:UUID_BYTES])


def verify_row(secrets: Sequence[str], token: str, purpose: str, row_id: uuid.UUID, nonce: str) -> bool:
    """Tell whether a token opens a row for a purpose, under any of the secrets."""
    raw = _decode(token)
    if raw is None or raw[:UUID_BYTES] != row_id.bytes:
        return False
    given = raw[UUID_BYTES:]
    return any(hmac.compare_digest(given, _mac(secret, purpose, row_id.hex, nonce)) for secret in secrets)


def new_submission_key(secrets: Sequence[str], at: datetime) -> str:
    """Return the one-time key that a public form carries (R6)."""
    made = int(at.timestamp()).to_bytes(6, "big")
    body = made + random_source.token_bytes(18)
    return _encode(body + _mac(secrets[0], "submission-key", body.hex()))


def check_submission_key(secrets: Sequence[str], key: str, at: datetime) -> bool:
    """Tell whether a form's key is ours and at most 24 hours old."""
    raw = _decode(key)
    if raw is None or len(raw) != 24 + MAC_BYTES:
        return False
    body, given = raw[:24], raw[24:]
    if not any(hmac.compare_digest(given, _mac(s, "submission-key", body.hex())) for s in secrets):
        return False
    age = at.timestamp() - int.from_bytes(body[:6], "big")
    return -60 <= age <= KEY_LIFETIME.total_seconds()


def sign_text(secrets: Sequence[str], purpose: str, text: str, at: datetime) -> str:
    """Return a short text with the moment at which it was said and proof that we said it; anybody can read it."""
    body = int(at.timestamp()).to_bytes(6, "big") + text.encode()
    return _encode(_mac(secrets[0], purpose, body.hex()) + body)


def read_signed(secrets: Sequence[str], purpose: str, token: str, at: datetime, *, lifetime: timedelta) -> str | None:
    """Return what we said, under any of the secrets and at most so long ago; else None."""
    raw = _decode(token) or b""
    given, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not any(hmac.compare_digest(given, _mac(secret, purpose, body.hex())) for secret in secrets):
        return None
    age = at.timestamp() - int.from_bytes(body[:6], "big")
    return body[6:].decode() if -60 <= age <= lifetime.total_seconds() else None


def account_code(secrets: Sequence[str], seed: str) -> str:
    """Return the secret of a link that proves an address, made of the seed that its mail's facts hold."""
    return _encode(_mac(secrets[0], "account", seed))


def key_age_s(key: str, at: datetime) -> float | None:
    """Return how many seconds ago a form's key was made, None if it is no key. Nothing is proven by it."""
    raw = _decode(key)
    return None if raw is None or len(raw) != 24 + MAC_BYTES else at.timestamp() - int.from_bytes(raw[:6], "big")


def receipt_code(secrets: Sequence[str], key: str) -> str:
    """Return the receipt code of a form's key, so that a double click shows the same receipt (rule 10)."""
    return _encode(_mac(secrets[0], "receipt", key))


def mailed_proof(secrets: Sequence[str], code: str) -> str:
    """Return what only the mail with a receipt's code tells: who brings it back reads what goes to its address."""
    return _encode(_mac(secrets[0], "mailed", code))


def check_mailed_proof(secrets: Sequence[str], proof: str, code: str) -> bool:
    """Tell whether somebody came by the mail with a receipt's code, under any of the secrets."""
    given = _decode(proof) or b""
    return any(hmac.compare_digest(given, _mac(secret, "mailed", code)) for secret in secrets)
