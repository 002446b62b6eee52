"""A pad to sign on: drawn with a finger or a mouse, kept as strokes. Keyboards sign with an X and their PIN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import BindingType
from textual.events import MouseDown, MouseMove, MouseUp
from textual.message import Message
from textual.strip import Strip

from consoles.kit.keybar import key
from consoles.kit.lines import Lines

Point = tuple[int, int]  # in dots: two across and four down in each cell
Stroke = tuple[Point, ...]
ACROSS, DOWN = 2, 4
FEWEST_POINTS = 4  # a tap is no signature
MOST_POINTS = 4_000
_BRAILLE = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


class SignaturePad(Lines, can_focus=True):
    """`strokes` is what was drawn. In plain looks every touched cell is a `*`."""

    DEFAULT_CSS = "SignaturePad { height: 6; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("backspace", "take_back", "kit.take_back_stroke"),
        key("delete", "clear", "kit.clear"),
    ]

    class Drawn(Message):
        """A stroke has ended."""

        def __init__(self, strokes: Sequence[Stroke]) -> None:
            super().__init__()
            self.strokes = tuple(strokes)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strokes: list[list[Point]] = []
        self._dots: dict[tuple[int, int], int] = {}
        self._is_down = False

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        return tuple(tuple(stroke) for stroke in self._strokes)

    @property
    def is_signed(self) -> bool:
        return sum(len(stroke) for stroke in self._strokes) >= FEWEST_POINTS

    def action_take_back(self) -> None:
        if self._strokes:
            self._strokes.pop()
            self._draw_again()

    def action_clear(self) -> None:
        self._strokes.clear()
        self._draw_again()

    def on_mouse_down(self, event: MouseDown) -> None:
        self.capture_mouse()
        self._is_down = True
        self._strokes.append([])
        self._add(event.pointer_x, event.pointer_y)

    def on_mouse_move(self, event: MouseMove) -> None:
        if self._is_down:
            self._add(event.pointer_x, event.pointer_y)

    def on_mouse_up(self, event: MouseUp) -> None:
        if self._is_down:
            self._is_down = False
            self.release_mouse()
            self.post_message(self.Drawn(self.strokes))

    def _add(self, x: float, y: float) -> None:
        if sum(len(stroke) for stroke in self._strokes) >= MOST_POINTS:
            return
        stroke = self._strokes[-1]
        point = (int(x * ACROSS), int(y * DOWN))
        self._line(stroke[-1] if stroke else point, point)
        stroke.append(point)
        self.refresh()

    def _draw_again(self) -> None:
        self._dots.clear()
        for stroke in self._strokes:
            for start, end in zip(stroke, stroke[1:] or stroke, strict=False):
                self._line(start, end)
        self.refresh()

    def _line(self, start: Point, end: Point) -> None:
        steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
        for step in range(steps + 1):
            x = round(start[0] + (end[0] - start[0]) * step / steps)
            y = round(start[1] + (end[1] - start[1]) * step / steps)
            if x >= 0 and y >= 0:
                cell = (x // ACROSS, y // DOWN)
                self._dots[cell] = self._dots.get(cell, 0) | _BITS[y % DOWN][x % ACROSS]

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self._row(y) for y in range(self.size.height))

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(self._row(y), self.look.style("strong"))], self.size.width)

    def _row(self, y: int) -> str:
        plain = self.look.native
        marks = [self._dots.get((x, y), 0) for x in range(self.size.width)]
        return "".join(("*" if plain else chr(_BRAILLE + mark)) if mark else " " for mark in marks)
