"""Rows of text as widgets: drawn line by line, repainted only where a line has changed, never laid out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from consoles.kit.text import joined, sides, width_of, words
from consoles.kit.theme import DARK, Look

if TYPE_CHECKING:
    from consoles.kit.app import ConsoleApp

NARROW, WIDE = 60, 120  # columns at which the layout steps (screens.md §3)


class Lines(Widget):
    """So many rows of text. `tell` repaints those that differ."""

    DEFAULT_CSS = "Lines { height: auto; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, lines: Sequence[Text] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Text] = list(lines)

    @property
    def look(self) -> Look:
        return cast("Look", getattr(self.app, "look", DARK))

    @property
    def console_app(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands there, without its looks."""
        return tuple(line.plain for line in self._lines)

    def tell(self, lines: Sequence[Text]) -> None:
        """Shows these lines instead."""
        before, self._lines = self._lines, list(lines)
        if len(before) != len(self._lines):
            self.refresh(layout=self.styles.is_auto_height)
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._lines, strict=True)) if not _same(old, new)]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, len(self._lines))

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else Text()
        return self.look.strip(line, self.size.width)


class Rule(Lines):
    """A line between two parts of a screen."""

    DEFAULT_CSS = "Rule { height: 1; }"

    def render_line(self, y: int) -> Strip:
        return self.look.strip(words("-" * self.size.width, "rule"), self.size.width)


class Line(Lines):
    """One row with something at both ends."""

    DEFAULT_CSS = "Line { height: 1; }"

    def __init__(self, left: Text | str = "", right: Text | str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left, self._right = _line(left), _line(right)

    def say(self, left: Text | str, right: Text | str = "") -> None:
        left, right = _line(left), _line(right)
        if not (_same(left, self._left) and _same(right, self._right)):
            self._left, self._right = left, right
            self.refresh()

    @property
    def lines(self) -> tuple[str, ...]:
        return (self._row(self.size.width).plain,)

    def render_line(self, y: int) -> Strip:
        return self.look.strip(self._row(self.size.width), self.size.width)

    def _row(self, width: int) -> Text:
        margin = " " if width >= NARROW else ""
        tail = joined(self._right, " ") if width_of(self._right) else Text()
        return sides(joined(margin, self._left), tail, width)


def gap(width: int) -> str:
    """What stands between two things of one row."""
    return "   " if width >= WIDE else "  "


def _line(text: Text | str) -> Text:
    return text if isinstance(text, Text) else words(text)


def _same(one: Text, other: Text) -> bool:
    return one.plain == other.plain and one.style == other.style and one.spans == other.spans
