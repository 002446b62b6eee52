"""What opens at the right of a card: a few fields, and under them what saving them would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget

from consoles.kit.forms import WordsField
from consoles.kit.hours import next_hour
from consoles.kit.lines import Line, Lines
from consoles.kit.text import fitted, joined, width_of, words
from core.words import clock, word

if TYPE_CHECKING:
    from core.care.card import Card
    from core.kernel.message import Command

FRAME_CELLS = 6  # of both sides
TALL_ROWS = 30  # below, the primary action stays at the foot while the fields roll


class BadField(Exception):  # noqa: N818 - what it is
    """A field that cannot be read: `name` is the key of what to say about it."""

    def __init__(self, name: str, **arguments: str) -> None:
        super().__init__(name)
        self.name, self.arguments = name, arguments


class Field(Horizontal):
    """A label and one line of words."""

    DEFAULT_CSS = """
    Field { height: 1; }
    Field Line { width: 13; }
    Field WordsField { width: 1fr; }
    """

    def __init__(self, label: str, *, hint: str = "", given: str = "", most: int = 80, id: str) -> None:
        super().__init__()
        self._label, self._hint, self._given, self._most, self._field = label, hint, given, most, id

    def compose(self) -> ComposeResult:
        yield Line(words(self._label, "quiet"))
        yield WordsField(given=self._given, hint=self._hint, most=self._most, id=self._field)


class Pane(VerticalScroll):
    """Subclasses give `command`, `title`, `first` and `more`. Enter saves, Esc changes nothing."""

    DEFAULT_CSS = """
    Pane { height: 1fr; scrollbar-size-vertical: 0; }
    Pane #foreseen { margin: 1 0; }
    Pane #save { margin: 1 0 0 0; }
    Pane.-low #save { dock: bottom; margin: 0; }
    Pane.-low #foreseen { margin: 0; }
    """
    can_focus = False
    COMMAND = ""  # the name of what it saves: whose it is stands there

    class Changed(Message):
        """What would be saved is another."""

    def __init__(self, card: Card, language: str) -> None:
        super().__init__()
        self.card, self.language = card, language
        self._stops = False

    # -- what a pane is -----------------------------------------------------------------------------------------------

    def title(self) -> str:
        """What would be saved, in words: behind "if you save"."""
        raise NotImplementedError

    def command(self) -> Command | None:
        """What Enter would save; None while something is missing. Raises BadField."""
        raise NotImplementedError

    def missing(self) -> str:
        """What to do first, when there is nothing to save."""
        return self.word("dialog.required")

    def first(self) -> ComposeResult:
        """Above the consequences."""
        yield from ()

    def more(self) -> ComposeResult:
        """Under them."""
        yield from ()

    def entry(self) -> Widget | None:
        """Where the keys go at first."""
        return None

    # -- built in -----------------------------------------------------------------------------------------------------

    def word(self, name: str, /, **arguments: str | int) -> str:
        return word(name, self.language, **arguments)

    def compose(self) -> ComposeResult:
        yield Lines([Text()], id="title")
        yield from self.first()
        yield Lines([Text()], id="foreseen")
        yield from self.more()
        yield Lines([Text()], id="save")

    def on_mount(self) -> None:
        self.tell([], stops=False)

    def on_resize(self) -> None:
        self._show_save()

    def tell(self, foreseen: Sequence[Text], *, stops: bool) -> None:
        """What would come of it now."""
        title = self.word("clinical.if_you_save", what=self.title().upper())
        self.query_one("#title", Lines).tell([words(title, "strong")])
        self.query_one("#foreseen", Lines).tell(list(foreseen) or [Text()])
        self._stops = stops
        self._show_save()

    def _show_save(self) -> None:
        """What Enter does and what Esc does; Esc gives way where the room is short."""
        save = self.word("clinical.save_and_stop" if self._stops else "clinical.save")
        low, width = self.app.size.height < TALL_ROWS, self.size.width
        self.set_class(low, "-low")
        line = words(f" {save}   {self.word('clinical.change_none')} ", "mark")
        line = line if width_of(line) + FRAME_CELLS <= width else words(f" {save} ", "mark")
        self.query_one("#save", Lines).tell([line] if low else framed(line, width))

    def label(self, name: str) -> str:
        """What stands before a field."""
        return self.word(f"clinical.{name}").lower()

    def changed(self) -> None:
        self.post_message(self.Changed())

    def on_options_changed(self) -> None:
        self.changed()

    def on_input_changed(self) -> None:
        self.changed()

    def on_pick_changed(self) -> None:
        self.changed()

    # -- fields -------------------------------------------------------------------------------------------------------

    def typed(self, name: str) -> str:
        return self.query_one(f"#{name}", WordsField).words

    def instant(self, name: str, *, after: int) -> int | None:
        """An hour as `14:00` or `14`: the next one after an instant. Empty: none. Raises BadField."""
        text = self.typed(name)
        if not text:
            return None
        try:
            return next_hour(text, after=after)
        except ValueError:
            raise BadField("clinical.bad_time", text=text) from None

    def since(self, at: int | None) -> str:
        return self.word("clinical.from_now") if at is None else self.word("clinical.from_time", time=clock(at))


def framed(line: Text, width: int) -> list[Text]:
    """The one primary action, in a frame where there is room for it."""
    if width < width_of(line) + FRAME_CELLS:
        return [line]
    edge = words(f"+{'-' * (width - 2)}+", "rule")
    inside = joined(words("|| ", "rule"), fitted(line, width - FRAME_CELLS), words(" ||", "rule"))
    return [edge, inside, edge]
