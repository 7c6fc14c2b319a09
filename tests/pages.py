"""A page as a strict reader sees it: its tree, its forms, and everything that is wrong with it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse

POLICY = {
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}
NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
REFERS_BY_ID = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage")
SENTENCES_TOUCH = re.compile(r"[a-z]{2}[.!?][A-Z][a-z]* ")
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src", "use": "href"}
LINKS_THAT_LOAD = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "preconnect", "dns-prefetch"}


@dataclass
class Form:
    """A form and what it would send as it is: the first of each name, in order."""

    method: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class Page:
    """An answer, parsed as the HTML standard says."""

    def __init__(self, answer: TestResponse) -> None:
        """Parse it."""
        self.answer = answer
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.tree: Element = parser.parse(answer.text)
        self.errors: list[str] = [f"{position}: {code} {details}" for position, code, details in parser.errors]

    @classmethod
    def of(cls, answer: TestResponse) -> "Page":
        """Return the page of an answer; it is parsed once."""
        if "page" not in answer.__dict__:
            answer.__dict__["page"] = cls(answer)
        made: Page = answer.__dict__["page"]
        return made

    @cached_property
    def ids(self) -> list[str]:
        """Return every id, in order."""
        return [node.get("id") or "" for node in self.tree.iter() if "id" in node.attrib]

    @cached_property
    def forms(self) -> list[Form]:
        """Return every form."""
        return [self._form(node) for node in self.tree.iter("form")]

    @property
    def text(self) -> str:
        """Return all words of the page, with single spaces."""
        return words_of(self.tree.find("body"))

    @property
    def title(self) -> str:
        """Return the words of the title."""
        return words_of(self.tree.find("head/title"))

    def _form(self, node: Element) -> Form:
        form = Form((node.get("method") or "get").lower(), node.get("action") or "")
        for each in node.iter():
            name = each.get("name")
            kind = (each.get("type") or "text").lower() if each.tag == "input" else each.tag
            if not name or each.tag not in {"input", "select", "textarea", "button"}:
                continue
            if kind in {"radio", "checkbox"}:
                form.kinds.setdefault(name, kind)
                if "checked" in each.attrib:
                    form.values[name] = each.get("value") or "on"
            elif each.tag == "select":
                options = list(each.iter("option"))
                chosen = [o for o in options if "selected" in o.attrib] or options[:1]
                form.kinds[name] = kind
                form.values.setdefault(name, (chosen[0].get("value") or "") if chosen else "")
            elif each.tag == "button":  # the first one is pressed
                if "button" not in form.kinds.values():
                    form.values[name] = each.get("value") or ""
                form.kinds.setdefault(name, "button")
            else:
                form.kinds.setdefault(name, kind)
                value = each.text or "" if each.tag == "textarea" else each.get("value") or ""
                form.values.setdefault(name, value)
        return form


def words_of(node: Element | None) -> str:
    """Return the words inside an element, with single spaces."""
    return "" if node is None else " ".join("".join(node.itertext()).split())


def faults(answer: TestResponse) -> list[str]:
    """Return everything that is wrong with an HTML answer, whoever reads it."""
    page = Page.of(answer)
    return [
        *(f"not valid HTML: {error}" for error in page.errors),
        *_frame(page),
        *_ids(page),
        *_labels(page),
        *_nesting(page),
        *_sentences(page),
        *_inline(page),
        *_loads(page),
        *_forms(page),
        *_headers(answer),
    ]


def _sentences(page: Page) -> list[str]:
    """Find sentences without a space between them: a line end of a template is none."""
    paragraphs = (words_of(node) for node in page.tree.iter("p"))
    return [f"no space after a sentence: {text!r}" for text in paragraphs if SENTENCES_TOUCH.search(text)]


def _frame(page: Page) -> list[str]:
    found = []
    headings = [words_of(node) for node in page.tree.iter("h1")]
    if len(headings) != 1 or not headings[0]:
        found.append(f"needs exactly one h1, has {headings}")
    elif not page.title.startswith(headings[0]):
        found.append(f"the title {page.title!r} does not begin with the h1 {headings[0]!r}")
    if not page.tree.get("lang"):
        found.append("html has no lang")
    if len(list(page.tree.iter("main"))) != 1:
        found.append("needs exactly one main")
    return found


def _ids(page: Page) -> list[str]:
    found = [f"id {name!r} stands {n} times" for name, n in Counter(page.ids).items() if n > 1]
    known = set(page.ids)
    for node in page.tree.iter():
        for attribute in REFERS_BY_ID:
            lost = set((node.get(attribute) or "").split()) - known
            found += [f"{node.tag} {attribute} names {name!r}, which is not there" for name in sorted(lost)]
        here = node.get("href") or ""
        if node.tag == "a" and here.startswith("#") and here[1:] not in known:
            found.append(f"a link leads to {here}, which is not there")
    return found


def _labels(page: Page) -> list[str]:
    labelled = {node.get("for") for node in page.tree.iter("label")}
    wrapped = {id(inner) for label in page.tree.iter("label") for inner in label.iter()}
    found = []
    for node in page.tree.iter():
        if node.tag not in {"input", "select", "textarea"}:
            continue
        if node.tag == "input" and (node.get("type") or "text").lower() in NEEDS_NO_LABEL:
            continue
        named = node.get("aria-label") or node.get("aria-labelledby")
        if not named and id(node) not in wrapped and node.get("id") not in labelled:
            found.append(f"{node.tag} {node.get('name')!r} has no label")
    for node in page.tree.iter("fieldset"):
        if not [child for child in node if child.tag == "legend" and words_of(child)]:
            found.append("a fieldset has no legend")
    found += ["a picture has no alt" for node in page.tree.iter("img") if "alt" not in node.attrib]
    for node in page.tree.iter():
        if node.tag in {"a", "button"} and not _name(node):
            found.append(f"a {node.tag} has no words: {node.attrib}")
    return found


def _name(node: Element) -> str:
    return (node.get("aria-label") or words_of(node) or "").strip()


def _nesting(page: Page) -> list[str]:
    found = []
    for outer in page.tree.iter():
        if outer.tag in {"a", "button", "label"}:
            inside = {"a", "button"} if outer.tag == "label" else {"a", "button", "input", "select", "textarea"}
            found += [
                f"{inner.tag} inside {outer.tag}"
                for inner in outer.iter()
                if inner is not outer and inner.tag in inside
            ]
    return found


def _inline(page: Page) -> list[str]:
    found = []
    for node in page.tree.iter():
        if not isinstance(node.tag, str):  # a comment
            continue
        if node.tag == "style" or (node.tag == "script" and not node.get("src")):
            found.append(f"inline {node.tag}")
        found += [f"{node.tag} {name}" for name in node.attrib if name == "style" or name.startswith("on")]
        found += [
            f"{node.tag} {name}={value}"
            for name, value in node.attrib.items()
            if re.match(r"\s*(javascript|data):", value, re.IGNORECASE)
        ]
    return found


def _loads(page: Page) -> list[str]:
    """Nothing comes from elsewhere before somebody clicks (P22), and no form goes elsewhere."""
    asked = []
    for node in page.tree.iter():
        if node.tag in LOADS:
            asked.append(node.get(LOADS[node.tag]) or "")
        elif node.tag == "link" and set((node.get("rel") or "").split()) & LINKS_THAT_LOAD:
            asked.append(node.get("href") or "")
        elif node.tag == "form":
            asked.append(node.get("action") or "")
        if node.get("srcset"):
            asked.append("srcset is not looked at")
        if node.get("target"):
            asked.append(f"//target={node.get('target')}")
    return [f"asks another site: {address}" for address in asked if urlsplit(address).netloc]


def _forms(page: Page) -> list[str]:
    return [
        f"the form to {form.action!r} has neither csrf_token nor submission_key"
        for form in page.forms
        if form.method == "post" and not {"csrf_token", "submission_key"} & set(form.values)
    ]


def _headers(answer: TestResponse) -> list[str]:
    headers = answer.headers
    found = []
    records = "js/recorder" in answer.text  # where people may record an answer
    camera = r"camera=\(self\).*" if records else r".*camera=\(\).*"
    policy = {part.strip() for part in headers.get("Content-Security-Policy", "").split(";")}
    if not policy >= POLICY or "unsafe" in headers.get("Content-Security-Policy", ""):
        found.append(f"Content-Security-Policy: {headers.get('Content-Security-Policy')}")
    for name, wanted in (
        ("X-Content-Type-Options", r"nosniff"),
        ("Referrer-Policy", r"same-origin|strict-origin"),
        ("Cross-Origin-Opener-Policy", r"same-origin"),
        ("Permissions-Policy", camera),
        ("Content-Type", r"text/html; charset=utf-8"),
        ("Cache-Control", r".+"),
    ):
        if not re.fullmatch(wanted, headers.get(name, "")):
            found.append(f"{name}: {headers.get(name)}")
    if "Access-Control-Allow-Origin" in headers:
        found.append("lets other sites read it")
    return found
