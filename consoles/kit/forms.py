"""Parts of a form: one of several `(o)`, several of several `(v)`, a line of words. Everything goes by keys alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.events import Click, Key
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from consoles.kit.keybar import key
from consoles.kit.lines import Lines
from consoles.kit.text import joined, safe, width_of, words

Option = tuple[str, str]  # code, label


class Options(Lines, can_focus=True):
    """A row of words, as many lines as it needs. Left and right go along it, Space or Enter takes one.

    several: ticks `(v)`, any number of them; else a choice `(o)` of one. Typed letters go to the word that begins so.
    """

    DEFAULT_CSS = "Options { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("left", "move(-1)", "kit.left"),
        key("right", "move(1)", "kit.right"),
        key("space", "take", "kit.take"),
    ]

    class Changed(Message):
        """What is taken has changed."""

        def __init__(self, options: Options) -> None:
            super().__init__()
            self.options = options

        @property
        def control(self) -> Options:
            return self.options

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        *,
        several: bool = False,
        taken: Sequence[str] = (),
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._title, self._options, self._several = title, tuple(options), several
        self._taken = [code for code, _ in self._options if code in taken]
        self._at = 0
        self._typed = ""

    @property
    def taken(self) -> tuple[str, ...]:
        """Codes, in the sequence of the options."""
        return tuple(code for code, _ in self._options if code in self._taken)

    @property
    def value(self) -> str:
        """For one of several: its code, "" when none is taken."""
        return self._taken[0] if self._taken else ""

    def set_taken(self, codes: Sequence[str]) -> None:
        self._taken = [code for code, _ in self._options if code in codes]
        self.refresh()

    def action_move(self, step: int) -> None:
        self._at = (self._at + step) % max(1, len(self._options))
        self._typed = ""
        self.refresh()

    def action_take(self) -> None:
        self._take(self._at)

    def _take(self, place: int) -> None:
        if not self._options:
            return
        code = self._options[place][0]
        if self._several and code in self._taken:
            self._taken.remove(code)
        else:
            self._taken = [*self._taken, code] if self._several else [code]
        self.refresh()
        self.post_message(self.Changed(self))

    def on_key(self, event: Key) -> None:
        if not event.character or not event.character.isalpha():
            return
        event.stop()
        self._typed += event.character.casefold()
        for place, (_, label) in enumerate(self._options):
            if label.casefold().startswith(self._typed):
                self._at = place
                self.refresh()
                return
        self._typed = event.character.casefold()

    def on_click(self, event: Click) -> None:
        for place, (y, x, end) in enumerate(self._spots(self.size.width)):
            if y == event.y and x <= event.x < end:
                self._at = place
                self._take(place)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return 1 + max((y for y, _, _ in self._spots(width)), default=0)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.plain.rstrip() for line in self._drawn(self.size.width))

    def render_line(self, y: int) -> Strip:
        drawn = self._drawn(self.size.width)
        return self.look.strip(drawn[y] if y < len(drawn) else Text(), self.size.width)

    def _label(self, place: int) -> str:
        code, label = self._options[place]
        taken = code in self._taken
        mark = ("(v)" if self._several else "(o)") if taken else "( )"
        return f"{mark} {safe(label)}"

    def _spots(self, width: int) -> list[tuple[int, int, int]]:
        """(line, from, to) of every option."""
        lead = width_of(self._title) + 2 if self._title else 0
        spots: list[tuple[int, int, int]] = []
        y, x = 0, lead
        for place in range(len(self._options)):
            wide = width_of(self._label(place))
            if x > lead and x + wide > width:
                y, x = y + 1, lead
            spots.append((y, x, x + wide))
            x += wide + 2
        return spots

    def _drawn(self, width: int) -> list[Text]:
        spots = self._spots(width)
        lead = width_of(self._title) + 2 if self._title else 0
        count = 1 + max((y for y, _, _ in spots), default=0)
        title = words(f"{self._title}  " if self._title else "", "strong" if self.has_focus else "quiet")
        lines = [joined(title) if y == 0 else words(" " * lead) for y in range(count)]
        for place, (y, x, _) in enumerate(spots):
            here = self.has_focus and place == self._at
            token = "chosen" if here else "strong" if self._options[place][0] in self._taken else ""
            lines[y] = joined(lines[y], words(" " * (x - width_of(lines[y]))), words(self._label(place), token))
        return lines


class WordsField(Input):
    """One line of words. `words` is what was typed, without what nobody can see."""

    DEFAULT_CSS = "WordsField, WordsField:focus { border: none; height: 1; padding: 0; background: $background; }"

    def __init__(self, *, given: str = "", most: int = 140, hint: str = "", id: str | None = None) -> None:
        super().__init__(safe(given), placeholder=safe(hint), max_length=most, id=id, select_on_focus=False)
        self.cursor_blink = False

    @property
    def words(self) -> str:
        return safe(self.value).strip()


class NumberField(WordsField):
    """Digits only: money in whole francs, minutes, counts."""

    def __init__(self, *, given: int | None = None, most_digits: int = 9, id: str | None = None) -> None:
        super().__init__(given="" if given is None else str(given), most=most_digits, id=id)
        self.restrict = r"[0-9]*"

    @property
    def number(self) -> int | None:
        return int(self.value) if self.value else None
