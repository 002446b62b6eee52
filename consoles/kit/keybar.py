"""The keys of a screen, from one registry: its bindings. The bar, the help and the palette all read them here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.strip import Strip

from consoles.kit.lines import WIDE, Lines, gap
from consoles.kit.text import fitted, joined, sides, width_of, words
from core.words import has, word

DIGITS = "123456789"
_NAMES = {
    "full_stop": ".",
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "comma": ",",
    "asterisk": "*",
    "enter": "Enter",
    "space": "Space",
    "escape": "Esc",
    "tab": "Tab",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "backspace": "Backspace",
    "delete": "Del",
}


def key(keys: str, action: str, name: str, *, shown: str = "", first: bool = False) -> Binding:
    """One row of the registry. name: its id, and `key.<id>` are its words. first: before what has the focus."""
    return Binding(keys, action, description=name, show=False, key_display=shown or None, id=name, priority=first)


def digits(action: str, name: str, *, most: int = 9) -> tuple[Binding, ...]:
    """1 to 9, each with its number: shown as one key."""
    return tuple(key(digit, f"{action}({digit})", f"{name}.{digit}") for digit in DIGITS[:most])


@dataclass(frozen=True, slots=True)
class Known:
    """One key as a person reads it. `id` is the binding's, without the number of a digit."""

    id: str
    shown: str
    action: str

    def label(self, language: str, width: int = 0) -> str:
        """What it does, in few words; screens of 120 columns and more have room for `key.<id>_wide`."""
        if width >= WIDE and has(f"key.{self.id}_wide", language):
            return word(f"key.{self.id}_wide", language)
        return word(f"key.{self.id}", language)

    def shown_in(self, language: str, width: int = 0) -> str:
        return word(f"keycap.{self.id}", language) if has(f"keycap.{self.id}", "en") and width >= WIDE else self.shown


def registry(bindings: Iterable[BindingType]) -> dict[str, Known]:
    """Every key of these bindings by its id, in their sequence. Bindings without an id are not for people."""
    found: dict[str, Known] = {}
    for binding in bindings:
        if not isinstance(binding, Binding) or not binding.id:
            continue
        stem, _, number = binding.id.rpartition(".")
        if number.isdigit():
            last = found.get(stem)
            shown = f"{last.shown.partition('-')[0]}-{number}" if last else number
            found[stem] = Known(stem, shown, binding.action)
        else:
            found[binding.id] = Known(binding.id, binding.key_display or _shown(binding.key), binding.action)
    return found


def _shown(keys: str) -> str:
    first = keys.split(",")[0].strip()
    return _NAMES.get(first, first.upper() if first.startswith("f") and first[1:].isdigit() else first)


class KeyBar(Lines):
    """The keys that are worth their place. The rest stand in the help and in the palette.

    rows: from so many columns on, these rows of ids; what stands behind a `|` is set at the right.
    """

    DEFAULT_CSS = "KeyBar { height: auto; }"

    def __init__(self, rows: Mapping[int, Sequence[str]], known: Mapping[str, Known]) -> None:
        super().__init__()
        self._rows, self._known = rows, known

    def rows_at(self, width: int) -> tuple[str, ...]:
        """The rows of ids for a screen of this width."""
        least = max((columns for columns in self._rows if columns <= width), default=min(self._rows, default=0))
        return tuple(self._rows.get(least, ()))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, len(self.rows_at(self.app.size.width)))

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.plain for line in self._drawn(self.size.width))

    def render_line(self, y: int) -> Strip:
        drawn = self._drawn(self.size.width)
        return self.look.strip(drawn[y] if y < len(drawn) else Text(), self.size.width)

    def _drawn(self, width: int) -> list[Text]:
        rows = self.rows_at(width)
        language = str(getattr(self.app, "language", "en"))
        halves = [(row.partition("|")[0].split(), row.partition("|")[2].split()) for row in rows]
        named = [
            ([self._item(id, language, width) for id in left], [self._item(id, language, width) for id in right])
            for left, right in halves
        ]
        if all(_length(row[0] + row[1], width) <= _room(width) for row in named):
            return [_row(left, right, width) for left, right in named]
        return _flowed(named, width)

    def _item(self, id: str, language: str, width: int) -> Text:
        known = self._known.get(id) or Known(id, "", "")
        return joined(words(known.shown_in(language, width), "strong"), words(f" {known.label(language, width)}"))


def _room(width: int) -> int:
    """Cells between the margins: a narrow glass has none at its left."""
    return width - (2 if width >= 60 else 1)


def _length(items: Sequence[Text], width: int) -> int:
    return sum(width_of(item) for item in items) + len(gap(width)) * max(0, len(items) - 1)


def _row(left: Sequence[Text], right: Sequence[Text], width: int) -> Text:
    margin = " " if width >= 60 else ""
    end = joined(_together(right, width), " ") if right else Text()
    return sides(joined(margin, _together(left, width)), end, width)


def _together(items: Sequence[Text], width: int) -> Text:
    parts: list[Text | str] = []
    for item in items:
        parts += [gap(width), item] if parts else [item]
    return joined(*parts)


def _flowed(rows: Sequence[tuple[list[Text], list[Text]]], width: int) -> list[Text]:
    """In a longer language the keys flow over the same rows; what has no room is in the help."""
    items = [item for row in rows for item in row[0]]
    pinned = [item for row in rows for item in row[1]]
    drawn: list[Text] = []
    for number in range(len(rows)):
        end = pinned if number == len(rows) - 1 else []
        taken: list[Text] = []
        while items and _length([*taken, items[0], *end], width) <= _room(width):
            taken.append(items.pop(0))
        drawn.append(fitted(_row(taken, end, width), width))
    return drawn
