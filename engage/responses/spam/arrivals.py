"""How a form came back: what tells a machine from a person (S32), and what a check elsewhere is asked with."""

from dataclasses import dataclass, replace

from engage.responses.enums import SpamEngine

FASTEST_S = 3  # nobody reads a form and writes an answer in less


@dataclass(frozen=True)
class Arrival:
    """What is known of the sending of a form.

    `is_trapped`: a field that nobody sees was filled in. `seconds` since the form was made. `address`, `agent` and
    `referrer` are the visitor's, for Akismet; they are gone from an anonymous sitting (P2).
    """

    is_trapped: bool = False
    seconds: float | None = None
    address: str = ""
    agent: str = ""
    referrer: str = ""

    def nameless(self) -> "Arrival":
        """Return it without anything of the visitor's."""
        return replace(self, address="", agent="", referrer="")

    def signs(self) -> list[SpamEngine]:
        """Return what speaks for a machine."""
        quick = self.seconds is not None and self.seconds < FASTEST_S
        return [SpamEngine.HONEYPOT] * self.is_trapped + [SpamEngine.TIMING] * quick
