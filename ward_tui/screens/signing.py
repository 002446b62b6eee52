"""Who received it: signed with a finger or a mouse; on keyboards an X, and the runner's PIN."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.kit.keybar import key
from consoles.kit.signature import SignaturePad
from ward_tui.drawing import Drawing, Panel
from ward_tui.sheet import Sheet

SIGNATURE, X_AND_PIN = "signature", "x_and_pin"


class SigningSheet(Sheet):
    """Gives back how it was signed, or None. A pad that nobody has drawn on signs nothing."""

    DEFAULT_CSS = """
    SigningSheet > #title { height: 3; margin: 1 0 0 0; }
    SigningSheet > SignaturePad { height: 1fr; background: $background; }
    SigningSheet > #sheet { height: 6; margin: 0; }
    SigningSheet.-short > #title { height: 1; }
    SigningSheet.-short > #sheet { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "signed", "ward.signed", first=True),
        key("x", "x_and_pin", "ward.x_and_pin", first=True),
    ]

    def __init__(self, *, number: str, bed: str) -> None:
        super().__init__()
        self._number, self._bed = number, bed
        self._told = ""

    def compose(self) -> ComposeResult:
        yield Panel(id="title")
        yield SignaturePad(id="pad")
        yield Panel(id="sheet")

    def on_mount(self) -> None:
        self.set_class(self.app.size.height < 16, "-short")
        self.query_one(SignaturePad).focus()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < 16, "-short")

    def paint(self) -> None:
        super().paint()
        panel = self.query_one("#title", Panel)
        if panel.size.width:
            title = Drawing(panel.size.width)
            title.line(f"{self._number}  {self._bed}", look="strong")
            title.text(self._told or self.word("ward.sign"), look="soon" if self._told else "")
            title.rule()
            panel.put(title)

    def drawing(self, width: int, height: int) -> Drawing:
        rows = 3 if height >= 6 else 1
        drawing = Drawing(width)
        aside = [(f"x  {self.word('ward.x_and_pin')}", "x_and_pin"), (self.word("ward.wipe"), "wipe")]
        drawing.buttons(aside, rows=rows)
        drawing.button(f" Enter  {self.word('ward.signed')}", "signed", heavy=True, rows=rows)
        return drawing

    def action_wipe(self) -> None:
        self.query_one(SignaturePad).action_clear()

    def action_signed(self) -> None:
        if self.query_one(SignaturePad).is_signed:
            self.dismiss(SIGNATURE)
        else:
            self._told = self.word("ward.not_signed")
            self.paint()

    def action_x_and_pin(self) -> None:
        self.dismiss(X_AND_PIN)
