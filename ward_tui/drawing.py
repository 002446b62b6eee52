"""What a handheld screen is drawn with: lines, frames, and buttons that a finger can press as well as a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rich.text import Text
from textual.events import Click, MouseDown

from consoles.kit.lines import Lines
from consoles.kit.text import fitted, joined, padded, sides, width_of, words, wrapped


@dataclass(frozen=True, slots=True)
class Target:
    """A part of the screen that does what a key does. bottom and right are outside."""

    top: int
    bottom: int
    left: int
    right: int
    action: str

    def holds(self, x: int, y: int) -> bool:
        return self.top <= y < self.bottom and self.left <= x < self.right

    def down(self, rows: int) -> Target:
        return replace(self, top=self.top + rows, bottom=self.bottom + rows)


@dataclass(slots=True)
class Drawing:
    """Rows for a screen of this width, in the sequence they are added."""

    width: int
    lines: list[Text] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    gap: int = -1  # the row before which spare rows go; -1: at the end

    @property
    def height(self) -> int:
        return len(self.lines)

    def line(self, left: Text | str = "", right: Text | str = "", *, look: str = "", action: str = "") -> None:
        """One row, with something at both ends."""
        start = left if isinstance(left, Text) else words(left, look)
        end = right if isinstance(right, Text) else words(right, look)
        row = sides(start, end, self.width) if width_of(end) else fitted(start, self.width)
        if action:
            self.targets.append(Target(self.height, self.height + 1, 0, self.width, action))
        self.lines.append(row)

    def text(self, told: str, *, look: str = "", indent: int = 0, action: str = "") -> None:
        """Words over as many rows as they need: nothing is cut."""
        whole = width_of(told) <= self.width - indent
        for number, piece in enumerate([told] if whole else wrapped(told, self.width - indent - 2)):
            lead = " " * (indent if number == 0 or not indent else indent + 2)
            self.line(joined(words(lead), words(piece, look)), action=action)

    def flag(self, told: str, look: str, *, indent: int = 0, action: str = "") -> None:
        """A safety flag, whole: what does not fit goes on under its words (screens.md §1.2)."""
        room = self.width - indent
        pieces = [told] if width_of(told) <= room else [told[:3], *wrapped(told[4:], room - 4)]
        if len(pieces) > 1:
            pieces = [f"{pieces[0]} {pieces[1]}", *(f"    {piece}" for piece in pieces[2:])]
        for piece in pieces:
            self.line(joined(words(" " * indent), words(piece, look)), action=action)

    def rule(self, mark: str = "-", look: str = "rule") -> None:
        self.line(words(mark * self.width, look))

    def space(self, rows: int = 1) -> None:
        for _ in range(rows):
            self.line()

    def fill_to(self, height: int) -> None:
        self.space(max(0, height - self.height))

    def frame(self, told: Sequence[str], *, edge: str, look: str, roomy: bool = True) -> None:
        """Large words in a heavy frame. edge: what its sides are made of."""
        inner = self.width - 2 * len(edge)
        rows = ["", *told, ""] if roomy else list(told)
        for row in rows:
            for piece in [row] if width_of(row) <= inner else wrapped(row, inner - 2):
                self.line(joined(words(edge, look), words(_centred(piece, inner), look), words(edge, look)))

    def button(self, told: str, action: str, *, heavy: bool = False, rows: int = 3, centred: bool = False) -> None:
        """One button over the whole width. heavy: the primary act of the screen."""
        self.buttons([(told, action)], heavy=heavy, rows=rows, centred=centred)

    def buttons(
        self, told: Sequence[tuple[str, str]], *, heavy: bool = False, rows: int = 3, centred: bool = False
    ) -> None:
        """Buttons beside each other, three rows high where there is room for a finger, else one."""
        widths = _shares(self.width, len(told), least=width_of(told[0][0]) + 4)
        top, x = self.height, 0
        for width, (_, action) in zip(widths, told, strict=True):
            self.targets.append(Target(top, top + rows, x, x + width, action))
            x += width + 1
        edge = "=" if heavy else "-"
        token = "strong" if heavy else ""
        middle = joined(*_middles(told, widths, token, boxed=rows > 1, centred=centred))
        outer = words(" ".join("+" + edge * (width - 2) + "+" for width in widths), "rule" if not heavy else token)
        self.lines += [outer, middle, outer] if rows > 1 else [middle]

    def stretch(self, height: int) -> None:
        """Puts the spare rows into the gap, so that what a finger presses stands at the bottom."""
        spare = height - self.height
        if spare > 0 and self.gap >= 0:
            self.lines[self.gap : self.gap] = [words(" " * self.width)] * spare
            self.targets = [target.down(spare) if target.top >= self.gap else target for target in self.targets]

    def window(self, first: int, height: int, more: str) -> Drawing:
        """So many rows of it from there on; the last one says that more follow."""
        if self.height <= height:
            return self
        seen = Drawing(self.width, self.lines[first : first + height])
        seen.targets = [target.down(-first) for target in self.targets]
        if first + height < self.height:
            seen.lines[-1] = sides(words(""), words(f"{more} ", "soon"), self.width)
        return seen

    def target_at(self, x: int, y: int) -> Target | None:
        return next((target for target in self.targets if target.holds(x, y)), None)


def _middles(
    told: Sequence[tuple[str, str]], widths: Sequence[int], token: str, *, boxed: bool, centred: bool
) -> list[Text]:
    parts: list[Text] = []
    for width, (label, _) in zip(widths, told, strict=True):
        parts += [words(" ")] if parts else []
        inner = width - 2
        body = _centred(label, inner) if centred else padded(f" {label}", inner)
        sign = "|" if boxed else " "
        parts.append(words(f"{sign}{body}{sign}", token if boxed else "mark"))
    return parts


def _shares(width: int, count: int, *, least: int) -> list[int]:
    """Widths of so many buttons with one cell between them."""
    if count == 1:
        return [width]
    room = width - (count - 1)
    each, rest = divmod(room, count)
    shares = [each + (1 if number < rest else 0) for number in range(count)]
    if count == 2 and shares[0] < least <= room - 10:
        shares = [least, room - least]
    return shares


def _centred(text: str, width: int) -> str:
    left = max(0, (width - width_of(text)) // 2)
    return padded(" " * left + text, width)


class Panel(Lines):
    """The body of a handheld screen. A tap does what its target says, when finger down and up are in the same one."""

    DEFAULT_CSS = "Panel { height: 1fr; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawing = Drawing(0)
        self._down: Target | None = None

    def put(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.tell(drawing.lines)

    @property
    def drawing(self) -> Drawing:
        return self._drawing

    def on_mouse_down(self, event: MouseDown) -> None:
        self._down = self._drawing.target_at(event.x, event.y)

    async def on_click(self, event: Click) -> None:
        target = self._drawing.target_at(event.x, event.y)
        if target is not None and target == self._down:
            event.stop()
            await self.screen.run_action(target.action)
