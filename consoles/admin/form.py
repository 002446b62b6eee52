"""A form over a screen: lines of words and one-of-several; Tab between them, Enter behind the last one ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input

from consoles.kit.dialogs import Box, Dialog
from consoles.kit.forms import NumberField, Option, Options, WordsField
from consoles.kit.keybar import key
from consoles.kit.lines import Line
from consoles.kit.text import words, wrapped

Answers = Mapping[str, str]
Missing = Callable[[Answers], str]  # what is wrong, in words; "" when nothing


@dataclass(frozen=True, slots=True)
class Asked:
    """One line. options: one of several instead of words; needed: it may not stay empty; digits: a number."""

    name: str
    label: str
    hint: str = ""
    given: str = ""
    options: tuple[Option, ...] = ()
    needed: bool = True
    digits: bool = False
    most: int = 140


class FormScreen(Dialog):
    """Gives back what was answered, by name; None when it is left."""

    BINDINGS = [key("tab,down", "next_line(1)", "kit.down"), key("shift+tab,up", "next_line(-1)", "kit.up")]
    DEFAULT_CSS = """
    FormScreen Options { height: auto; background: $background; }
    FormScreen Line { background: $background; }
    """

    def __init__(self, title: str, asked: Sequence[Asked], *, text: str = "", wrong: Missing | None = None) -> None:
        super().__init__()
        self._title, self._asked, self._text, self._wrong = title, tuple(asked), text, wrong

    def compose(self) -> ComposeResult:
        width = self.box_width()
        with Vertical():
            yield Box(self._title, width=width)
            for one in self._asked:
                label = Line(words(one.label, "quiet"))
                label.styles.width = width
                yield label
                field = self._field(one)
                field.styles.width = width
                yield field

    def _field(self, one: Asked) -> Widget:
        name = f"ask-{one.name}"
        if one.options:
            return Options("", one.options, taken=(one.given or one.options[0][0],), id=name)
        if one.digits:
            return NumberField(given=int(one.given) if one.given else None, most_digits=6, id=name)
        return WordsField(given=one.given, hint=one.hint, most=one.most, id=name)

    def on_mount(self) -> None:
        self._say([self._text, self.word("admin.form_keys")])
        self._fields()[0].focus()

    def _fields(self) -> list[Widget]:
        return [self.query_one(f"#ask-{one.name}") for one in self._asked]

    def _say(self, paragraphs: Sequence[str], token: str = "quiet") -> None:
        box = self.query_one(Box)
        lines = [line for text in paragraphs if text for line in wrapped(text, box.room)]
        box.fill([words(line, token) for line in lines])

    @property
    def answers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for one, field in zip(self._asked, self._fields(), strict=True):
            found[one.name] = (
                field.value if isinstance(field, Options) else field.words if isinstance(field, WordsField) else ""
            )
        return found

    def action_next_line(self, step: int) -> None:
        fields = self._fields()
        at = next((place for place, field in enumerate(fields) if field.has_focus), 0)
        fields[(at + step) % len(fields)].focus()

    def on_key(self, event: Key) -> None:
        """Enter on a choice goes on as it does behind words."""
        if event.key == "enter" and isinstance(self.focused, Options):
            event.stop()
            self._go_on()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._go_on()

    def _go_on(self) -> None:
        """To the next line that is empty; behind the last one it is done."""
        answers, fields = self.answers, self._fields()
        here = next((place for place, field in enumerate(fields) if field.has_focus), len(fields) - 1)
        if here < len(fields) - 1:
            fields[here + 1].focus()
            return
        for one, field in zip(self._asked, fields, strict=True):
            if one.needed and not answers[one.name]:
                self._say([self.word("dialog.required")], "soon")
                field.focus()
                return
        wrong = self._wrong(answers) if self._wrong is not None else ""
        if wrong:
            self._say([wrong], "soon")
            return
        self.dismiss(answers)
