"""Akismet's REST interface, as far as we use it (akismet.com/developers: comment-check, submit-spam, submit-ham).

Asked by the worker, never inside a request. Nothing is raised: what went wrong is a verdict of its own, and whoever
asks holds the response then.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import urllib3

from engage.kernel.settings import Site
from engage.responses.enums import SpamVerdict
from engage.responses.spam.verdicts import AkismetAnswer, Feedback

LONGEST_S = 3.0
LONGEST_ANSWER = 4096
LONGEST_DETAIL = 500
AGENT = "Engage/1.0 | Engage/1.0"  # <app>/<version> | <plugin>/<version>: ours, not the visitor's


def check(fields: Mapping[str, str], *, site: Site) -> AkismetAnswer:
    """Ask whether something is advertising; `fields` are the parameters of comment-check but for the key."""
    try:
        status, body, headers = _post("comment-check", fields, site=site)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        return AkismetAnswer(SpamVerdict.ERROR, detail=type(error).__name__, is_final=False)
    guid = (headers.get("x-akismet-guid") or "")[:64] or None
    detail = " ".join(filter(None, (headers.get(name) for name in ("x-akismet-debug-help", "x-akismet-alert-msg"))))[
        :LONGEST_DETAIL
    ]
    if status == 200 and body == "true":
        is_blatant = (headers.get("x-akismet-pro-tip") or "").casefold() == "discard"
        return AkismetAnswer(SpamVerdict.SPAM, guid, is_blatant=is_blatant, detail=detail or None)
    if status == 200 and body == "false":
        wait = headers.get("x-akismet-recheck-after") or ""
        if wait.isascii() and wait.isdigit() and int(wait[:6]) > 0:
            return AkismetAnswer(SpamVerdict.PROVISIONAL, guid, recheck_after_s=min(int(wait[:6]), 86_400))
        return AkismetAnswer(SpamVerdict.HAM, guid, detail=detail or None)
    is_final = status == 200  # `invalid`: the key or what was asked; anything else is the server's own trouble
    return AkismetAnswer(SpamVerdict.ERROR, guid, detail=detail or f"{status} {body}"[:80], is_final=is_final)


def tell(feedback: Feedback, fields: Mapping[str, str], *, site: Site) -> bool:
    """Say that a verdict was wrong, with the fields of the check; tell whether it was heard."""
    try:
        status, _, _ = _post(feedback.value, fields, site=site)
    except (urllib3.exceptions.HTTPError, ValueError):
        return False
    return status == 200


def _post(call: str, fields: Mapping[str, str], *, site: Site) -> tuple[int, str, Mapping[str, str]]:
    """Return status, body and headers (names in small letters). No redirect is followed, no cookie goes along."""
    pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=LONGEST_S))
    with pool.request(
        "POST",
        f"{site.akismet_url}/1.1/{call}",
        body=urlencode({"api_key": site.akismet_key, "key": site.akismet_key, **fields}),
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "User-Agent": AGENT},
        redirect=False,
        preload_content=False,
    ) as answer:
        body = answer.read(LONGEST_ANSWER).decode("utf-8", "replace").strip()
        return answer.status, body, {name.casefold(): value for name, value in answer.headers.items()}
