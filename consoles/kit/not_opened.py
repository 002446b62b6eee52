"""What a console shows whose store did not open: an offer to enrol this machine, or the trouble and a way to try again.

Apart from `launch`, for the first frame of every other start does without it.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.widgets import Input

from consoles.kit.app import ConsoleApp
from consoles.kit.dialogs import Box, Choice, ChooseScreen, Dialog
from consoles.kit.forms import WordsField
from consoles.kit.keybar import key
from consoles.kit.lines import Line
from consoles.kit.text import words, wrapped
from core.kernel.refusal import Refusal
from core.words import has, refusal_words, word


def show_trouble(app: ConsoleApp, refusal: Refusal) -> None:
    """The store did not open: an offer to enrol, or the trouble in its three parts with a way to try again."""
    if refusal.code == "not_enrolled" and app.enrolling is not None:
        app.push_screen(EnrolScreen(app.server_url), lambda done: _after_enrolling(app, done))
    else:
        app.push_screen(TroubleScreen(refusal, app.language), lambda again: app.open_store() if again else app.exit())


def _after_enrolling(app: ConsoleApp, name: str | None) -> None:
    if name is None:
        app.exit()
        return
    app.open_store()
    if app.seen is not None:
        app.seen.say(word("enrol.let_in", app.language, name=name))


class TroubleScreen(ChooseScreen):
    """The data on this device cannot be opened: what happened, what stays, what to do."""

    def __init__(self, refusal: Refusal, language: str) -> None:
        detail = {name: _kind_word(value, language) for name, value in refusal.detail.items()}
        said = refusal_words(refusal.code, detail, language)
        choices = [Choice(word("trouble.try_again", language), True), Choice(word("trouble.leave", language), False)]
        text = [said.what, said.stays, said.next]
        super().__init__(word("trouble.title", language), choices, text=text, token="flag")
        self.said = said

    def action_drop(self) -> None:
        self.dismiss(False)


def _kind_word(value: str | int, language: str) -> str | int:
    known = isinstance(value, str) and has(f"device_kind.{value}", "en")
    return word(f"device_kind.{value}", language) if known else value


class EnrolScreen(Dialog):
    """Server, one-time code, name: then this machine makes its own key, and the hospital lets it in."""

    BINDINGS = [key("tab,down", "next_field(1)", "kit.down"), key("shift+tab,up", "next_field(-1)", "kit.up")]

    def __init__(self, server_url: str) -> None:
        super().__init__()
        self._server_url = server_url
        self._asking = False

    def compose(self) -> ComposeResult:
        width = self.box_width()
        with Vertical():
            yield Box(self.word("enrol.title"), token="flag", width=width)
            for name, given in (("server", self._server_url), ("code", ""), ("name", "")):
                hint = self.word(f"enrol.{name}_hint") if name != "server" else "https://"
                yield Line(words(self.word(f"enrol.{name}"), "quiet"), id=f"label-{name}")
                field = WordsField(given=given, hint=hint, id=f"field-{name}")
                field.styles.width = width
                yield field

    def on_mount(self) -> None:
        self._say([self.word("enrol.what"), self.word("enrol.go")])
        fields = list(self.query(WordsField))
        next((field for field in fields if not field.value), fields[0]).focus()

    def _say(self, paragraphs: list[str], token: str = "") -> None:
        box = self.query_one(Box)
        box.fill([words(line, token) for text in paragraphs for line in wrapped(text, box.room)])

    def action_next_field(self, step: int) -> None:
        fields = list(self.query(WordsField))
        at = next((place for place, field in enumerate(fields) if field.has_focus), 0)
        fields[(at + step) % len(fields)].focus()

    def on_key(self, event: Key) -> None:
        if self._asking:
            event.stop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        empty = [field for field in self.query(WordsField) if not field.words]
        if empty:
            empty[0].focus()
        elif not self._asking:
            self._asking = True
            self._say([self.word("enrol.asking")])
            self.run_worker(self._enrol(), exclusive=True)

    async def _enrol(self) -> None:
        app: ConsoleApp = self.app  # type: ignore[assignment]  # consoles only
        server, code, name = (self.query_one(f"#field-{part}", WordsField).words for part in ("server", "code", "name"))
        assert app.enrolling is not None
        try:
            called = await app.store.run(app.enrolling, server, code, name)
        except Refusal as refusal:
            said = refusal_words(refusal.code, refusal.detail, self.language)
            self._asking = False
            return self._say([said.what, said.stays, said.next], "soon")
        self.dismiss(called)
