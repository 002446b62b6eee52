"""Lines to choose from over a whole handheld screen, each with what follows from it; pages where they do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from consoles.kit.keybar import digits, key
from ward_tui.drawing import Drawing, Target
from ward_tui.sheet import Sheet

if TYPE_CHECKING:
    from consoles.kit.dialogs import Choice

MOST = 9


class ChoosingSheet(Sheet):
    """A digit or a finger chooses at once; arrows and Enter as well. Gives back the choice's value, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *digits("choose", "ward.choose"),
        key("enter", "take", "kit.take"),
        key("up", "step(-1)", "kit.up"),
        key("down", "step(1)", "kit.down"),
        key("pagedown,plus", "page(1)", "kit.next_page"),
        key("pageup,minus", "page(-1)", "kit.page_before"),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, text: str = "") -> None:
        super().__init__()
        self._title, self._choices, self._text = title, list(choices), text
        self._at = 0
        self._pages: list[list[int]] = [[]]

    def drawing(self, width: int, height: int) -> Drawing:
        drawing = Drawing(width)
        drawing.text(self._title, look="strong")
        drawing.rule()
        if self._text:
            drawing.text(self._text, look="quiet")
        self._pages = self._paged(width, height - drawing.height - 1)
        page = self._page()
        for number, at in enumerate(page, 1):
            top = drawing.height
            self._draw_choice(drawing, at, number)
            drawing.targets.append(Target(top, drawing.height, 0, width, f"choose({number})"))
        if not self._choices:
            drawing.text(self.word("dialog.esc_goes_back"), look="quiet")
        drawing.fill_to(height - 1)
        if len(self._pages) > 1:
            told = self.word("dialog.more", page=self._pages.index(page) + 1, pages=len(self._pages))
            drawing.line("", f"{told} ", look="quiet")
        return drawing

    def _draw_choice(self, drawing: Drawing, at: int, number: int) -> None:
        choice = self._choices[at]
        chosen = at == self._at
        drawing.text(f"{'>' if chosen else ' '}{number}  {choice.label}", look="chosen" if chosen else choice.token)
        if choice.detail:
            drawing.text(choice.detail, look="quiet", indent=4)

    def _paged(self, width: int, room: int) -> list[list[int]]:
        pages: list[list[int]] = [[]]
        used = 0
        for at in range(len(self._choices)):
            part = Drawing(width)
            self._draw_choice(part, at, 1)
            if pages[-1] and (used + part.height > room or len(pages[-1]) == MOST):
                pages.append([])
                used = 0
            pages[-1].append(at)
            used += part.height
        return pages

    def _page(self) -> list[int]:
        return next((page for page in self._pages if self._at in page), self._pages[0])

    def action_choose(self, number: int) -> None:
        page = self._page()
        if number <= len(page):
            self._at = page[number - 1]
            self.action_take()

    def action_step(self, step: int) -> None:
        self._at = max(0, min(len(self._choices) - 1, self._at + step))
        self.paint()

    def action_page(self, step: int) -> None:
        at = self._pages.index(self._page()) + step
        if 0 <= at < len(self._pages):
            self._at = self._pages[at][0]
            self.paint()

    def action_take(self) -> None:
        self.dismiss(self._choices[self._at].value if self._choices else None)
