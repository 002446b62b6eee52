"""The paper pages are printed on: templates, the words of the reader's language, and what a template may ask for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core import words
from core.kernel.values import codes
from core.menu.model import Dish
from core.orders.model import Order
from sync.server.pages.shown import cleaned, day_of, portions, shown

HERE = Path(__file__).parent
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NATIVE = {"rw": "Kinyarwanda", "fr": "Français", "en": "English"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file beside the pages; its name holds its content's hash, so it may be kept for a year."""

    name: str
    body: bytes
    kind: str


class Tongue:
    """What a template says things with, in one language. One for each language, made once."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._known: dict[str, str] = {}

    def say(self, key: str, **arguments: Any) -> str:
        """Words of the pages. Arguments come from data: they are cleaned and, like all, escaped when printed."""
        return self._told(f"portal.{key}", arguments)

    def _told(self, key: str, arguments: Mapping[str, Any]) -> str:
        if not arguments:
            return self._plain(key)
        told = {name: cleaned(str(value)) if isinstance(value, str) else value for name, value in arguments.items()}
        return words.word(key, self.language, **told)

    def _plain(self, key: str) -> str:
        """Words without arguments never change while the program runs."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = words.word(key, self.language)
        return found

    def page(self, key: str, **arguments: Any) -> str:
        """Words that patients' and carers' screens share."""
        return self._told(f"page.{key}", arguments)

    def word(self, key: str) -> str:
        return self._plain(key)

    def clock(self, at: int) -> str:
        return words.clock(at)

    def day(self, at: int) -> str:
        return words.day(at, self.language)

    def moment(self, at: int, now: int) -> str:
        """The clock, and the day where it is not today."""
        day = words.day(at, self.language)
        return words.clock(at) if day == words.day(now, self.language) else f"{day} {words.clock(at)}"

    def day_named(self, hospital_day: str) -> str:
        return words.day(day_of(hospital_day), self.language)

    def duration(self, milliseconds: int) -> str:
        return words.duration(milliseconds, self.language)

    def money(self, francs: int) -> str:
        return words.money(francs, self.language, page=True)

    def amount(self, quantity: int | None, nutrient: str) -> str:
        return self.page("not_known") if quantity is None else words.amount(quantity, nutrient)

    def dish(self, dish: Dish) -> str:
        return cleaned(dish.name(self.language))

    def state(self, state: str, reason: str = "") -> str:
        return words.state_words(f"order.{state}", self.language, "patient", reason=reason)

    def ended(self, order: Order) -> str:
        """How far an order is; why it ended, where that says more than that it did."""
        return self.state(order.state, "" if order.reason == order.state else order.reason)

    def listed(self, section: str, column: str) -> list[str]:
        """A column of codes as words."""
        return [words.word(f"{section}.{code}", self.language) for code in codes(column)]

    def reason(self, code: str, detail: Mapping[str, str | int]) -> str:
        return words.reason_words(code, dict(detail), self.language)

    def refusal(self, code: str, detail: Mapping[str, str | int]) -> words.Refused:
        return words.refusal_words(code, dict(detail), self.language)


@cache
def tongue(language: str) -> Tongue:
    return Tongue(language)


@cache
def assets() -> Mapping[str, Asset]:
    """The files beside the pages, by the name they are asked for with."""
    found = {}
    for path in sorted((HERE / "static").iterdir()):
        if path.suffix in KINDS:
            body = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"
            found[name] = Asset(name, body, KINDS[path.suffix])
    return found


def asset(stem_and_suffix: str) -> str:
    """The address of a file beside the pages: `patient.css`."""
    stem, _, suffix = stem_and_suffix.rpartition(".")
    name = next(name for name in assets() if name.startswith(f"{stem}.") and name.endswith(f".{suffix}"))
    return f"/static/{name}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(asset=asset, portions=portions, native=NATIVE, languages=("rw", "fr", "en"))
    return environment


def print_page(name: str, language: str, **facts: Any) -> str:
    return _environment().get_template(f"{name}.html").render(t=tongue(language), language=language, **facts)


def print_piece(name: str, language: str, **facts: Any) -> Markup:
    """A piece of a page, to be kept and put into many."""
    printed = _environment().get_template(f"{name}.html").render(t=tongue(language), language=language, **facts)
    return Markup(printed)  # noqa: S704 - printed by our own template, which has escaped what it was given
