"""Type a part of a word, Enter adds it to a row of words: the quickest way to say what a patient eats."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from consoles.kit.forms import Option, WordsField
from consoles.kit.lines import Lines
from consoles.kit.text import joined, words
from core.words import word

SHOWN = 4  # matches beside the field


class PickField(WordsField):
    """The field of a Pick: Backspace in it, while it is empty, takes the last word off."""

    class Emptied(Message):
        """Backspace in an empty field."""

    def action_delete_left(self) -> None:
        if self.value:
            super().action_delete_left()
        else:
            self.post_message(self.Emptied())


class Pick(Vertical):
    """several: words add up; else the newest stands alone. free: what nothing matches is taken as it was typed."""

    DEFAULT_CSS = """
    Pick { height: 2; }
    Pick Horizontal { height: 1; }
    Pick #field { width: 24; }
    """

    class Changed(Message):
        """Other words are taken."""

    class Finished(Message):
        """Enter, and nothing more was typed."""

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        *,
        language: str,
        several: bool = True,
        free: bool = False,
        taken: Sequence[str] = (),
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._title, self._options, self._language = title, tuple(options), language
        self._several, self._free = several, free
        self.taken: list[str] = list(taken)
        self.typed = ""  # words of their own, where they may be

    def compose(self) -> ComposeResult:
        yield Lines([self._row()], id="taken")
        with Horizontal():
            yield PickField(most=40, hint=word("clinical.pick_hint", self._language), id="field")
            yield Lines([Text()], id="matches")

    @property
    def field(self) -> PickField:
        return self.query_one(PickField)

    def label(self, code: str) -> str:
        return next((label for one, label in self._options if one == code), code)

    @property
    def words(self) -> tuple[str, ...]:
        """What stands in the row."""
        return (*(self.label(code) for code in self.taken), *([f'"{self.typed}"'] if self.typed else []))

    # -- typing -------------------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        found = self._matches(event.value)[:SHOWN]
        told: list[Text | str] = []
        for place, (_, label) in enumerate(found):
            told += ["  ", words(label, "chosen" if place == 0 else "quiet")]
        if event.value.strip() and not found:
            name = "clinical.pick_as_words" if self._free else "clinical.pick_none"
            told = ["  ", words(word(name, self._language), "soon")]
        self.query_one("#matches", Lines).tell([joined(*told)])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        field = self.query_one(PickField)
        if not field.words:
            self.post_message(self.Finished())
            return
        found = self._matches(field.words)
        if found:
            self.take(found[0][0])
        elif self._free:
            self.taken, self.typed = [], field.words
            self._told()
        else:
            return
        field.value = ""

    def on_pick_field_emptied(self, event: PickField.Emptied) -> None:
        event.stop()
        if self.typed or self.taken:
            self.taken, self.typed = ([], "") if self.typed else (self.taken[:-1], "")
            self._told()

    def take(self, code: str) -> None:
        if not self._several:
            self.taken, self.typed = [code], ""
        elif code not in self.taken:
            self.taken.append(code)
        self._told()

    def _told(self) -> None:
        self.query_one("#taken", Lines).tell([self._row()])
        self.post_message(self.Changed())

    def _matches(self, typed: str) -> list[Option]:
        """Words that begin so, then words that hold it; a code is as good as its word."""
        wanted = typed.strip().casefold()
        if not wanted:
            return []
        named = [(code, label) for code, label in self._options if code not in self.taken]
        begins = [one for one in named if one[1].casefold().startswith(wanted) or one[0].startswith(wanted)]
        return [*begins, *(one for one in named if one not in begins and wanted in one[1].casefold())]

    def _row(self) -> Text:
        lead = words(f"{self._title}  ", "quiet")
        return joined(lead, words(" + ".join(self.words) or "-", "strong"))
