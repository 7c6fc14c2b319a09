"""What the texts of a consultation cite, held against what is listed (rule 11)."""

from dataclasses import dataclass

from engage.consultations.models import Consultation, Footnote
from engage.kernel.markdown import cited_numbers


@dataclass(frozen=True)
class FootnoteFaults:
    """What does not add up in the texts of the consultation, or of a framework whose `title` is given."""

    title: str | None
    not_listed: tuple[int, ...]
    not_cited: tuple[int, ...]


def footnote_faults(consultation: Consultation) -> list[FootnoteFaults]:
    """Return where a footnote is cited and not listed, or listed and not cited."""
    texts: list[tuple[str | None, list[str], list[Footnote]]] = [
        (None, [consultation.intro, consultation.why_now], consultation.footnotes)
    ]
    for framework in consultation.frameworks:
        texts.append((framework.title, [theme.body or "" for theme in framework.themes], framework.footnotes))
    faults = []
    for title, bodies, footnotes in texts:
        cited = {number for body in bodies for number in cited_numbers(body)}
        listed = {footnote.number for footnote in footnotes}
        missing, idle = sorted(cited - listed), sorted(listed - cited)
        if missing or idle:
            faults.append(FootnoteFaults(title, tuple(missing), tuple(idle)))
    return faults
