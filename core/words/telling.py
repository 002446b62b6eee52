"""What a rule's arguments say in words: codes become their names, instants the clock, francs money, ids nothing at all.

A template holds `{name}` for the argument of that name. Beside it may stand `{name_day}` (the day of an instant),
`{name_of}` and `{name_some}` (a substance as the language bends it), `{name_title}` (a meal as a sentence begins with
it), and `{because}` (the reason, whole).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from core.words import books, figures

Detail = Mapping[str, str | int]
Settled = tuple[tuple[str, str | int], ...]
BENT = ("_day", "_of", "_some", "_title")
_HEX_ID = re.compile(r"^[0-9a-f]{32,64}$")
_CODE = re.compile(r"^[a-z][a-z0-9_]*$")

# argument -> the sections its code may be in, first found wins
_CODED: Mapping[str, tuple[str, ...]] = {
    "state": ("order_state", "bed_state"),
    "step": ("order_state",),
    "reason": ("why", "issue", "problem", "order_state"),
    "why": ("fasting_reason", "weakness"),
    "kind": ("period",),
    "code": ("issue", "problem", "why"),
    "problem": ("problem",),
    "component": ("component",),
    "preference": ("preference",),
    "nutrient": ("nutrient",),
    "isolation": ("isolation",),
    "assistance": ("assistance",),
    "meal": ("meal",),
    "role": ("role",),
    "what": ("thing",),
    "is": ("device_kind",),
    "wanted": ("device_kind",),
}
_SUBSTANCES = ("substance", "substances", "allergens")
_INSTANTS = ("at", "since", "until", "closed_at")
_FRANCS = ("francs", "over", "missing", "due")
_AMOUNTS = ("most", "left")
_LEVELS = ("level", "required", "levels")
# asked for by one name, given by another: a card says `level`, a verdict `required`
_ALSO: Mapping[str, tuple[str, ...]] = {
    "substance": ("substances", "allergens"),
    "required": ("level", "levels"),
    "levels": ("level",),
    "component": ("components",),
    "number": ("order",),
}
_CAPITALS = (*_SUBSTANCES, *_LEVELS, "component", "preference", "nutrient", "isolation", "assistance")


class Telling(dict[str, str]):
    """The arguments of one template, each told when the template asks for it. Missing ones have a word too."""

    def __init__(
        self,
        detail: Detail | None,
        language: str,
        *,
        zone: str = figures.ZONE,
        levels: str = "texture",
        components: str = "component",
        capitals: bool = False,
        because: Callable[[], str] | None = None,
    ) -> None:
        super().__init__()
        self.detail = detail or {}
        self.language = language
        self.zone = zone
        self.levels = levels
        self.components = components
        self.capitals = capitals
        self.because = because

    def has(self, name: str) -> bool:
        """Whether this argument was given, under its own name or another, and says something."""
        return _said(_plain_name(name), _given(self.detail, _plain_name(name)))

    def __missing__(self, name: str) -> str:
        if name == "because" and self.because is not None:
            return self.because()
        plain = _plain_name(name)
        value = _given(self.detail, plain)
        told = self._told(name, plain, value) if _said(plain, value) else ""
        if told and self.capitals and plain in _CAPITALS:
            return told.upper()
        return told or books.template(f"missing.{plain}", self.language) or "?"

    def _told(self, name: str, plain: str, value: str | int | None) -> str:
        if isinstance(value, int):
            return self._told_number(name, plain, value)
        text = str(value)
        if plain in _SUBSTANCES:
            return self._substances(name, text)
        if plain in _LEVELS:
            return ", ".join(self._level(level) for level in text.split())
        if plain == "command":
            return books.template(f"command.{text}", self.language) or text
        if plain == "service":
            return self._service(text, "meal_title" if name.endswith("_title") else "meal")
        if plain in _CODED:
            return self._coded(plain, text)
        return _readable(text)

    def _told_number(self, name: str, plain: str, value: int) -> str:
        if plain in _INSTANTS:
            day = name.endswith("_day")
            return figures.day(value, self.language, zone=self.zone) if day else figures.clock(value, zone=self.zone)
        if plain in _FRANCS:
            return figures.money(value)
        if plain in _AMOUNTS and "nutrient" in self.detail:
            return figures.amount(max(value, 0), str(self.detail["nutrient"]))
        return str(value)

    def _substances(self, name: str, text: str) -> str:
        bend = next((bend for bend in ("_of", "_some") if name.endswith(bend)), "")
        return ", ".join(_bent(substance, bend, self.language) for substance in _listed("allergen", text))

    def _level(self, level: str) -> str:
        return books.template(f"{self.levels}.{level}", self.language) or level

    def _service(self, text: str, section: str) -> str:
        """A service's id is its day and its meal: `2026-11-24-lunch`."""
        meal = text.rpartition("-")[2] if text[:4].isdigit() else text
        return books.template(f"{section}.{meal}", self.language) or text

    def _coded(self, plain: str, text: str) -> str:
        sections = (self.components,) if plain == "component" else _CODED[plain]
        if all(_CODE.match(code) for code in text.split()):
            found = [_first(sections, code, self.language) for code in text.split()]
            if all(found):
                return (" + " if plain == "component" else ", ").join(str(one) for one in found)
        return text if plain == "code" else _readable(text)


def fill(text: str, telling: Telling) -> str:
    """The template with its arguments. Never raises for a missing one."""
    return text.format_map(telling) if "{" in text else text


@cache
def arguments_of(text: str) -> frozenset[str]:
    """The names a template asks for, as they stand in it."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def whole_or_short(key: str, telling: Telling) -> str | None:
    """The fuller words (`key_full`) where every argument of theirs was given, else the short ones."""
    fuller = books.template(f"{key}_full", telling.language)
    if fuller is not None and all(telling.has(name) for name in arguments_of(fuller)):
        return fuller
    return books.template(key, telling.language)


def _said(name: str, value: str | int | None) -> bool:
    """Whether a value says anything. Rules of unknown age are told as -1 hours."""
    return value is not None and value != "" and not (name == "hours" and value == -1)


def settled(detail: Detail | None) -> Settled:
    """The arguments as a value that can be remembered; a list of codes is a column of codes."""
    return tuple((name, value if isinstance(value, int) else _as_text(value)) for name, value in (detail or {}).items())


def _given(detail: Detail, name: str) -> str | int | None:
    for known_as in (name, *_ALSO.get(name, ())):
        value = detail.get(known_as)
        if value is not None and value != "":
            return value if isinstance(value, int) else _as_text(value)
    return None


def _as_text(value: str | Iterable[str]) -> str:
    """A list of codes is as good as a column of codes."""
    return value if isinstance(value, str) else " ".join(value)


def _plain_name(name: str) -> str:
    return next((name.removesuffix(bend) for bend in BENT if name.endswith(bend)), name)


def _first(sections: Iterable[str], code: str, language: str) -> str | None:
    return next((found for name in sections if (found := books.template(f"{name}.{code}", language))), None)


def _listed(section: str, text: str) -> list[str]:
    """Codes apart; a text that holds no known code is one thing, as it was given."""
    words = text.split()
    known = any(books.template(f"{section}.{word}", books.DEFAULT) for word in words)
    coded = all(_CODE.match(word) for word in words)
    return words if coded and (known or any("_" in word for word in words)) else [text]


def _bent(substance: str, bend: str, language: str) -> str:
    """A substance as the language bends it after "of" or "some"; ingredients have no bent form of their own."""
    plain = books.template(f"allergen.{substance}", language) or _readable(substance)
    if not bend:
        return plain
    bent = books.own(f"allergen{bend}.{substance}", language)
    if bent is None:
        pattern = books.own(f"allergen{bend}.other", language)
        bent = pattern.replace("{name}", plain) if pattern else plain
    return bent


def _readable(text: str) -> str:
    """A code as words; an id that nobody can read is nothing at all."""
    if _HEX_ID.match(text):
        return ""
    return text.replace("_", " ") if _CODE.match(text) else text
