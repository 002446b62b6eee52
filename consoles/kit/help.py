"""Help of the screen that is seen, and every command by its name: both read the one registry of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from consoles.kit.dialogs import Box, Dialog
from consoles.kit.keybar import Known
from consoles.kit.text import joined, words, wrapped
from core.words import has, word

if TYPE_CHECKING:
    from textual.events import Key

    from consoles.kit.screen import ConsoleScreen

QUIET_KEYS = ("kit.up", "kit.down")
SHOWN = 9


def keys_of(screen: ConsoleScreen | None) -> list[Known]:
    """Every key that does something on this screen, those of the screen first."""
    return list(screen.known_keys().values()) if screen is not None else []


class HelpScreen(Dialog):
    """What this screen is for, then its keys, page by page."""

    def __init__(self, screen: ConsoleScreen | None) -> None:
        super().__init__()
        self._of = screen
        self._page = 0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Box(word("help.title", self.language), width=self.box_width())

    def on_mount(self) -> None:
        self._draw()

    def _lines(self, room: int) -> list[Text]:
        lines: list[Text] = []
        name = self._of.HELP_WORDS if self._of is not None else ""
        if name and has(f"help.{name}", "en"):
            lines += [words(line) for line in wrapped(word(f"help.{name}", self.language), room)] + [Text()]
        for known in keys_of(self._of):
            sentence = f"keyhelp.{known.id}"
            told = word(sentence, self.language) if has(sentence, "en") else known.label(self.language)
            for number, piece in enumerate(wrapped(told, room - 9)):
                lines.append(joined(words(f"{known.shown if number == 0 else '':<9}", "strong"), words(piece)))
        return lines

    def _draw(self) -> None:
        box = self.query_one(Box)
        rows = max(4, self.app.size.height - 8)
        lines = self._lines(box.room)
        pages = max(1, -(-len(lines) // rows))
        self._page = max(0, min(pages - 1, self._page))
        shown = lines[self._page * rows : (self._page + 1) * rows]
        if pages > 1:
            shown += [Text(), words(self.word("dialog.more", page=self._page + 1, pages=pages), "quiet")]
        box.fill(shown)

    def on_key(self, event: Key) -> None:
        step = {"pagedown": 1, "plus": 1, "space": 1, "down": 1, "pageup": -1, "minus": -1, "up": -1}.get(event.key, 0)
        if step:
            event.stop()
            self._page += step
            self._draw()
        elif event.key in ("enter", "question_mark", "f1"):
            event.stop()
            self.dismiss(None)


class CommandsScreen(Dialog):
    """Type a part of a name; Enter does the first one that is left."""

    def __init__(self, screen: ConsoleScreen | None) -> None:
        super().__init__()
        self._of = screen
        self._left: list[Known] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Box(word("commands.title", self.language), width=self.box_width())
            field = Input(max_length=40)
            field.cursor_blink = False
            field.styles.width = self.box_width()
            yield field

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._draw("")

    def on_input_changed(self, event: Input.Changed) -> None:
        self._draw(event.value)

    def _draw(self, typed: str) -> None:
        wanted = typed.casefold().split()
        named = [(known, known.label(self.language)) for known in keys_of(self._of) if known.id not in QUIET_KEYS]
        fits = [(known, label) for known, label in named if all(part in label.casefold() for part in wanted)]
        self._left = [known for known, _ in fits]
        rows = [
            words(f"{'>' if number == 0 else ' '} {known.shown:<9}{label}", "chosen" if number == 0 else "")
            for number, (known, label) in enumerate(fits[:SHOWN])
        ]
        self.query_one(Box).fill(rows or [words(self.word("commands.none"), "quiet")])

    def on_input_submitted(self) -> None:
        chosen = self._left[0] if self._left else None
        self.dismiss(None)
        if chosen is not None and self._of is not None and "(" not in chosen.action:
            self.app.call_later(self._of.run_action, chosen.action)
