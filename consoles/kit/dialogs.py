"""Boxes over a screen: ask once, choose one, type words, read a refusal. Esc is always one step back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Click, Key
from textual.screen import ModalScreen
from textual.widgets import Input

from consoles.kit.keybar import DIGITS, key
from consoles.kit.lines import Lines
from consoles.kit.text import fitted, joined, safe, words, wrapped
from core.words import Refused, word

WIDEST = 64
PAGE = 9


class Box(Lines):
    """Lines in a frame of plain characters. token: of its title."""

    DEFAULT_CSS = "Box { width: auto; height: auto; }"

    def __init__(self, title: str, lines: Sequence[Text] = (), *, token: str = "strong", width: int = WIDEST) -> None:
        super().__init__(id="box")
        self._title, self._token, self._width = title, token, width
        self.fill(lines)

    def fill(self, lines: Sequence[Text], *, title: str | None = None) -> None:
        self._title = self._title if title is None else title
        room = self._width - 4
        edge = words("+" + "-" * (self._width - 2) + "+", "rule")
        rows = [_framed(words(f" {line} ", self._token), room) for line in wrapped(self._title, room - 2)]
        self.title_rows = len(rows) + 2  # with the frame and the empty line under it
        rows += [_framed(line, room) for line in (Text(), *lines)]
        self.tell([edge, *rows, edge])

    def get_content_width(self, container: object, viewport: object) -> int:
        return self._width

    @property
    def room(self) -> int:
        """Cells of one line inside."""
        return self._width - 4


def _framed(line: Text, room: int) -> Text:
    return joined(words("| ", "rule"), fitted(line, room), words(" |", "rule"))


class Dialog(ModalScreen[Any]):
    """Over whatever was there; what is under it goes on living."""

    ALLOW_SELECT = False
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > Vertical { width: auto; height: auto; }
    Dialog Input, Dialog Input:focus { border: none; height: 1; padding: 0 1; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [key("escape", "drop", "kit.back")]

    def action_drop(self) -> None:
        self.dismiss(None)

    @property
    def language(self) -> str:
        return str(getattr(self.app, "language", "en"))

    def word(self, name: str, /, **arguments: str | int) -> str:
        return word(name, self.language, **arguments)

    def box_width(self) -> int:
        return min(WIDEST, self.app.size.width - 2)


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose. detail: quiet words under it. value: what the dialog gives back."""

    label: str
    value: Any
    detail: str = ""
    token: str = ""


class ChooseScreen(Dialog):
    """A title, words, and numbered lines: a digit chooses at once, arrows and Enter as well, a finger too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("up", "move(-1)", "kit.up"),
        key("down", "move(1)", "kit.down"),
        key("pagedown,plus", "page(1)", "kit.next_page"),
        key("pageup,minus", "page(-1)", "kit.page_before"),
        key("enter", "take", "kit.take"),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice], *, text: Sequence[Text | str] = (), token: str = "strong"
    ) -> None:
        super().__init__()
        self._title, self._choices, self._text, self._token = safe(title), list(choices), text, token
        self._at = 0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Box(self._title, token=self._token, width=self.box_width())

    def on_mount(self) -> None:
        self._draw()

    def _draw(self) -> None:
        self._line_of: dict[int, int] = {}
        box = self.query_one(Box)
        lines: list[Text] = []
        for part in self._text:
            lines += [part] if isinstance(part, Text) else [words(line) for line in wrapped(part, box.room)]
        if self._text:
            lines.append(Text())
        first = self._at // PAGE * PAGE
        for number, choice in enumerate(self._choices[first : first + PAGE], 1):
            chosen = first + number - 1 == self._at
            for y, piece in enumerate(wrapped(choice.label, box.room - 4)):
                self._line_of[len(lines)] = first + number - 1
                mark = f"{'>' if chosen else ' '}{number}  " if y == 0 else "    "
                lines.append(words(mark + piece, "chosen" if chosen else choice.token))
            lines += [words(f"    {piece}", "quiet") for piece in wrapped(choice.detail, box.room - 4) if piece]
        if len(self._choices) > PAGE:
            lines.append(
                words(self.word("dialog.more", page=first // PAGE + 1, pages=-(-len(self._choices) // PAGE)), "quiet")
            )
        if not self._choices:
            lines.append(words(self.word("dialog.esc_goes_back"), "quiet"))
        box.fill(lines)

    def on_key(self, event: Key) -> None:
        if event.character and event.character in DIGITS:
            event.stop()
            index = self._at // PAGE * PAGE + int(event.character) - 1
            if index < len(self._choices):
                self._at = index
                self.action_take()

    def on_click(self, event: Click) -> None:
        box = self.query_one(Box)
        index = self._line_of.get(int(event.screen_y) - box.region.y - box.title_rows)
        if index is not None:
            self._at = index
            self.action_take()

    def action_move(self, step: int) -> None:
        self._at = max(0, min(len(self._choices) - 1, self._at + step))
        self._draw()

    def action_page(self, step: int) -> None:
        first = (self._at // PAGE + step) * PAGE
        if 0 <= first < len(self._choices):
            self._at = first
            self._draw()

    def action_take(self) -> None:
        self.dismiss(self._choices[self._at].value if self._choices else None)


class AskScreen(ChooseScreen):
    """Only for what cannot be undone; the question names the thing: "Cancel L-0412 for A-015?" """

    def __init__(self, question: str, *, yes: str, no: str, text: Sequence[Text | str] = ()) -> None:
        super().__init__(question, [Choice(no, False), Choice(yes, True)], text=text)


class RefusedScreen(ChooseScreen):
    """A refusal in its three parts, then the ways to tell what has happened all the same."""

    def __init__(self, act: str, said: Refused, truths: Sequence[Choice], language: str) -> None:
        parts: list[Text | str] = []
        for name, text in (("what", said.what), ("stays", said.stays), ("next", said.next)):
            for number, line in enumerate(wrapped(text, WIDEST - 16)):
                label = word(f"refused.{name}", language) if number == 0 else ""
                parts.append(joined(words(f"{label:<10}", "quiet"), words(line)))
        back = Choice(word("refused.understood", language), None)
        super().__init__(word("refused.title", language, act=act), [back, *truths], text=parts, token="flag")
        self.said = said


class TypeScreen(Dialog):
    """One line of words, typed; at most so many characters. Enter gives it back without what nobody can see."""

    def __init__(self, title: str, *, hint: str = "", given: str = "", most: int = 140, secret: bool = False) -> None:
        super().__init__()
        self._title, self._hint, self._given, self._most, self._secret = title, hint, safe(given), most, secret

    def compose(self) -> ComposeResult:
        width = self.box_width()
        with Vertical():
            yield Box(self._title, [words(line, "quiet") for line in wrapped(self._hint, width - 4)], width=width)
            field = Input(self._given, max_length=self._most, password=self._secret, select_on_focus=False)
            field.cursor_blink = False
            field.styles.width = width
            yield field

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(safe(event.value).strip())


class TellScreen(ChooseScreen):
    """Something to read; any of Enter, Esc goes back."""

    def __init__(self, title: str, text: Sequence[Text | str], *, token: str = "strong") -> None:
        super().__init__(title, (), text=text, token=token)
