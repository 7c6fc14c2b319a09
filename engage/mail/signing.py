"""DKIM signatures (RFC 6376), for a site whose relay does not sign; and the line that DNS needs for them."""

import base64
import re
from pathlib import Path

# Those of a mail that carry its meaning (RFC 6376 5.4.1), and both of one-click unsubscription (RFC 8058 4).
SIGNED = (
    *("from", "reply-to", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted"),
    *("list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type", "content-transfer-encoding"),
)
# Signed once more than they are there: one that somebody adds breaks the signature (RFC 6376 8.15).
NO_MORE_OF = (b"from", b"reply-to", b"to", b"subject", b"date", b"content-type")
RSA = bytes.fromhex("06092a864886f70d010101")  # rsaEncryption (RFC 8017 A.1)
NULL = b"\x05\x00"
INTEGER, BIT_STRING, SEQUENCE = 0x02, 0x03, 0x30
STRONG_BITS = 2048
LONGEST_STRING = 255  # octets in one string of a TXT record (RFC 1035 3.3)


class BadKeyError(Exception):
    """The key cannot sign; the message says why, and nothing of the key."""


class Signer:
    """Signs mail from one domain by one key. Signing twice gives two signatures: sign once, and keep the bytes."""

    def __init__(self, key: bytes, *, selector: str, domain: str) -> None:
        """Take an RSA key in PEM. Raises BadKeyError for one that cannot sign."""
        _numbers(key)
        self.key = key
        self.selector = selector.encode()
        self.domain = domain.encode("idna")

    @classmethod
    def of_file(cls, path: Path, *, selector: str, domain: str) -> "Signer":
        """Read the key. Raises BadKeyError."""
        return cls(_read(path), selector=selector, domain=domain)

    def __call__(self, data: bytes) -> bytes:
        """Return a mail with its signature as the first header."""
        import dkim  # noqa: PLC0415 - with its DNS library 3 MB, which web servers never need

        head = data.partition(b"\r\n\r\n")[0]
        present = {name.lower() for name in re.findall(rb"(?m)^([!-9;-~]+):", head)}
        names = [name.encode() for name in SIGNED if name.encode() in present]
        signature: bytes = dkim.sign(
            data,
            self.selector,
            self.domain,
            self.key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*names, *NO_MORE_OF],
        )
        return signature + data


def unsigned(data: bytes) -> bytes:
    """Return a mail as it is: a relay signs it, or nobody does."""
    return data


def public_record(path: Path) -> str:
    """Return the text of the DNS record that lets others check signatures (RFC 6376 3.6.1). Raises BadKeyError."""
    modulus, exponent = _numbers(_read(path))
    key = _der(SEQUENCE, _integer(modulus) + _integer(exponent))
    info = _der(SEQUENCE, _der(SEQUENCE, RSA + NULL) + _der(BIT_STRING, b"\0" + key))
    return f"v=DKIM1; k=rsa; p={base64.b64encode(info).decode()}"


def txt_line(name: str, text: str) -> str:
    """Return a line of a zone file; a long text is written as several strings, which DNS joins again."""
    strings = [text[start : start + LONGEST_STRING] for start in range(0, len(text), LONGEST_STRING)]
    return f"{name}. IN TXT " + " ".join(f'"{each}"' for each in strings)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadKeyError(f"the key cannot be read ({error.strerror})") from error


def _numbers(key: bytes) -> tuple[int, int]:
    """Return the modulus and the public exponent."""
    from dkim.crypto import UnparsableKeyError, parse_pem_private_key  # noqa: PLC0415 - as above

    try:
        parsed = parse_pem_private_key(key)
    except (UnparsableKeyError, ValueError, IndexError, TypeError) as error:
        raise BadKeyError("the file holds no RSA key in PEM") from error
    modulus, exponent = int(parsed["modulus"]), int(parsed["publicExponent"])
    if modulus.bit_length() < STRONG_BITS:
        raise BadKeyError(f"the key has {modulus.bit_length()} bits; receivers want {STRONG_BITS}")
    return modulus, exponent


def _integer(number: int) -> bytes:
    return _der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    """Return a value in DER (X.690 8.1.3)."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content
