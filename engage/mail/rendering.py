"""Mails in words: templates/email/<name>/{subject.txt,body.txt,body.html} in somebody's language.

The context of every template is described in templates/email/README.md. A name that a template uses and the
context lacks is an error here, before anything is sent.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup

from engage.kernel.i18n import translate, translate_plural
from engage.kernel.text import clean, harmless_name, header_safe
from engage.kernel.when import babel_locale, date_in_words, local_time, short_when, time_words

if TYPE_CHECKING:
    from css_inline import CSSInliner

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "email"
EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}


@dataclass(frozen=True)
class RenderedMail:
    """The three texts of a mail."""

    subject: str
    text: str
    html: str


def render(name: str, context: Mapping[str, Any], locale: str = "en") -> RenderedMail:
    """Render a mail by its kind.

    Raises jinja2.UndefinedError for a missing name and jinja2.TemplateNotFound for an unknown kind.
    """
    environment = _environment(locale)
    values = {
        **context,
        "greeting_name": harmless_name(str(context.get("greeting_name", ""))),
        "locale": locale,
        "direction": "rtl" if locale[:2] in RIGHT_TO_LEFT else "ltr",
    }
    subject = environment.get_template(f"{name}/subject.txt").render(values)
    values["subject"] = header_safe(clean(subject))
    text = environment.get_template(f"{name}/body.txt").render(values)
    html = environment.get_template(f"{name}/body.html").render(values)
    return RenderedMail(
        subject=values["subject"],
        text=EMPTY_LINES.sub("\n\n", clean(text, multiline=True)) + "\n",
        html=_inliner().inline(html),
    )


def event_words(
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    timezone: str,
    locale: str = "en",
    was: tuple[datetime, datetime, str] | None = None,
) -> dict[str, str]:
    """Return the `event` of a context; `was` is the old start, end and zone of an event that moved."""
    local = local_time(starts_at, timezone)
    dates = babel_locale(locale)
    words = {
        "title": clean(title, limit=200),
        "date_words": date_in_words(local, locale),
        "time_words": time_words(starts_at, ends_at, timezone, locale),
        "short_when": short_when(starts_at, timezone, locale),
        "weekday": format_date(local, "EEEE", locale=dates),
        "day": format_date(local, "d", locale=dates),
        "month": format_date(local, "MMMM", locale=dates),
    }
    if was is not None:
        old_start, old_end, old_zone = was
        words["old_date_words"] = date_in_words(local_time(old_start, old_zone), locale)
        words["old_time_words"] = time_words(old_start, old_end, old_zone, locale)
    return words


@cache
def _environment(locale: str) -> Environment:
    """Return the templates in one language; HTML is escaped, plain text is not."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = _gettext(locale)
    environment.globals["ngettext"] = _ngettext(locale)
    return environment


def _gettext(locale: str) -> Callable[..., str]:
    """Return what translates a text and puts `%(name)s` values into it: thirty times a mail, so in one call each."""

    @cache
    def words(message: str, *, is_html: bool) -> str:
        return Markup(translate(message, locale)) if is_html else translate(message, locale)  # noqa: S704 - our own words

    @cache
    def finished(message: str, *, is_html: bool) -> str:
        return words(message, is_html=is_html) % ()

    @pass_eval_context
    def gettext(context: EvalContext, message: str, /, **values: object) -> str:
        if not values:
            return finished(message, is_html=context.autoescape)
        return words(message, is_html=context.autoescape) % values

    return gettext


def _ngettext(locale: str) -> Callable[..., str]:
    @pass_eval_context
    def ngettext(context: EvalContext, singular: str, plural: str, num: int, /, **values: object) -> str:
        text = translate_plural(singular, plural, num, locale)
        return (Markup(text) if context.autoescape else text) % {"num": num, **values}  # noqa: S704 - our own words

    return ngettext


@cache
def _inliner() -> "CSSInliner":
    """Return what copies each rule onto its elements; the style element stays, for dark mode."""
    import css_inline  # noqa: PLC0415 - 2 MB that a web server needs for previews alone

    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
