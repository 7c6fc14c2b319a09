"""Who the site's mail is from, and what DNS has to say so that it is believed (SPF, DKIM, DMARC, MX)."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

from engage.mail.signing import txt_line


class Purpose(StrEnum):
    """What a line of DNS is for."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    MX = "mx"


@dataclass(frozen=True)
class DnsLine:
    """A record: its name without a dot at the end, its type, its value, and the same as a line of a zone file."""

    purpose: Purpose
    name: str
    type: str
    value: str

    @property
    def zone_line(self) -> str:
        """Return the line as a zone file has it."""
        if self.type == "TXT":
            return txt_line(self.name, self.value)
        return f"{self.name}. IN {self.type} {self.value}."


def domain_of(address: str) -> str:
    """Return the domain of a mail address: DMARC holds the signature against that of From."""
    return address.rpartition("@")[2].lower()


def dkim_name(selector: str, mail_from: str) -> str:
    """Return the name under which DNS keeps the key of our signatures (RFC 6376 3.6.2.1)."""
    return f"{selector}._domainkey.{domain_of(mail_from)}"


def dns_lines(
    *,
    mail_from: str,
    mail_domain: str,
    contact_email: str,
    sending_host: str,
    receiving_host: str | None,
    dkim: tuple[str, str] | None,
) -> list[DnsLine]:
    """Return what to set for a site.

    `sending_host` hands mail to the world, `receiving_host` takes replies and bounces (None: they are not read); an
    MX names no number (RFC 1035 3.3.9). Reports of DMARC go to `contact_email`, unless replies come there too: a
    mailbox that a program reads is no place for them.
    `dkim` is the selector and the record of our key, None where a relay signs.
    """
    lines = [
        # Bounces and SPF go by the envelope's domain (RFC 7208 2.4).
        DnsLine(Purpose.SPF, mail_domain, "TXT", f"v=spf1 {_sender(sending_host)} ~all"),
    ]
    if dkim is not None:
        selector, record = dkim
        lines.append(DnsLine(Purpose.DKIM, dkim_name(selector, mail_from), "TXT", record))
    reports = f"; rua=mailto:{contact_email}" if contact_email.lower() != mail_from.lower() else ""
    policy = f"v=DMARC1; p=none{reports}"
    lines.append(DnsLine(Purpose.DMARC, f"_dmarc.{domain_of(mail_from)}", "TXT", policy))
    if receiving_host is not None and not is_number(receiving_host):
        lines.append(DnsLine(Purpose.MX, mail_domain, "MX", f"10 {receiving_host}"))
    return lines


def is_number(host: str) -> bool:
    """Tell whether a host is given by its IP address, not by its name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _sender(host: str) -> str:
    """Return the mechanism of SPF for a host, by name or by number (RFC 7208 5.3, 5.6)."""
    return f"ip{ip_address(host).version}:{host}" if is_number(host) else f"a:{host}"
