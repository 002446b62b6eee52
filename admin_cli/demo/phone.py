"""A patient's phone without JavaScript: opens pages of the hospital, reads their words,
fills in and sends their forms."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

SECONDS = 10.0
LOOKS_A_SECOND = 50
UNSEEN = ("script", "style", "template")


@dataclass(slots=True)
class Button:
    """What sends a form: its words, and the name and value it adds."""

    words: str = ""
    name: str = ""
    value: str = ""
    action: str = ""
    disabled: bool = False


@dataclass(slots=True)
class Form:
    action: str
    method: str
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


class Page(HTMLParser):
    """The forms of one page, wherever their fields and buttons stand, and the words a person reads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self._inside: Form | None = None
        self._button: Button | None = None
        self._unseen = 0
        self._select = ""
        self._later: list[tuple[str, Button | tuple[str, str]]] = []  # of a form named elsewhere on the page
        self.feed(html)
        for name, part in self._later:
            for form in self.forms:
                if form.name == name:
                    self._belongs(form, part)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "a":
            self.links.append(said.get("href", ""))
        elif tag == "form":
            self._inside = Form(said.get("action", ""), said.get("method", "get").lower(), said.get("id", ""))
            self.forms.append(self._inside)
        elif tag == "button" or (tag == "input" and said.get("type") == "submit"):
            held = "disabled" in said
            button = Button(
                said.get("value", ""), said.get("name", ""), said.get("value", ""), said.get("formaction", ""), held
            )
            self._put(said.get("form", ""), button)
            self._button = button if tag == "button" else None
            button.words = "" if tag == "button" else button.words
        elif tag in ("input", "textarea"):
            chosen = said.get("type") not in ("radio", "checkbox") or "checked" in said
            if said.get("name") and chosen:
                self._put(said.get("form", ""), (said["name"], said.get("value", "")))
        elif tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and self._select and ("selected" in said):
            self._put("", (self._select, said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen -= 1
        elif tag == "form":
            self._inside = None
        elif tag == "button":
            self._button = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._unseen or not data.strip():
            return
        self.words.append(data)
        if self._button is not None:
            self._button.words = f"{self._button.words} {' '.join(data.split())}".strip()

    def _put(self, form_name: str, part: Button | tuple[str, str]) -> None:
        if form_name:
            self._later.append((form_name, part))
        elif self._inside is not None:
            self._belongs(self._inside, part)

    def _belongs(self, form: Form, part: Button | tuple[str, str]) -> None:
        if isinstance(part, Button):
            form.buttons.append(part)
        else:
            form.fields[part[0]] = part[1]


class Phone:
    """One browser with its cookies. `page` is what it shows now."""

    def __init__(self, base_url: str) -> None:
        self._web = httpx.Client(base_url=base_url, follow_redirects=True, timeout=SECONDS, trust_env=False)
        self.page = Page("")
        self.status = 0
        self.path = ""
        self.bytes = 0

    def close(self) -> None:
        self._web.close()

    def open(self, path: str) -> Page:
        return self._show(self._web.get(path, headers={"accept-language": "en"}))

    def send(self, chooses: Callable[[Form, Button], bool], **fields: str) -> Page:
        """Presses the first button that fits, with its form filled in. Raises LookupError when there is none."""
        for form in self.page.forms:
            for button in form.buttons:
                if chooses(form, button) and not button.disabled:
                    return self._press(form, button, fields)
        raise LookupError(f"no such button on {self.path}: {self.page.text[:200]}")

    def press(self, words: str, **fields: str) -> Page:
        return self.send(lambda _, button: words in button.words, **fields)

    def sees(self, *words: str) -> bool:
        return all(one in self.page.text for one in words)

    def wait_for(self, words: str, *, seconds: float = SECONDS) -> float:
        """Looks again until the page says it; after how many seconds. Raises TimeoutError."""
        began = time.monotonic()
        while True:
            self.open(self.path)
            passed = time.monotonic() - began
            if self.sees(words):
                return passed
            if passed > seconds:
                raise TimeoutError(f"{words!r} not on {self.path}: {self.page.text[:400]}")
            time.sleep(1 / LOOKS_A_SECOND)

    def _press(self, form: Form, button: Button, fields: dict[str, str]) -> Page:
        data = {**form.fields, **({button.name: button.value} if button.name else {}), **fields}
        where = urljoin(str(self._web.base_url.join(self.path)), button.action or form.action or self.path)
        if form.method == "post":
            origin = str(self._web.base_url).rstrip("/")
            return self._show(self._web.post(where, data=data, headers={"origin": origin, "accept-language": "en"}))
        return self._show(self._web.get(where, params=data))

    def _show(self, answer: httpx.Response) -> Page:
        self.status, self.path, self.bytes = answer.status_code, answer.url.raw_path.decode(), len(answer.content)
        self.page = Page(answer.text)
        return self.page
