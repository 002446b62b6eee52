"""Cash at the bed: what is due, what was given, the change in large figures. Without cash the tray stays too."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from consoles.kit.keybar import digits, key
from consoles.kit.text import words
from core.words import money
from ward_tui.drawing import Drawing
from ward_tui.large import large
from ward_tui.sheet import Sheet

if TYPE_CHECKING:
    from ward_tui.screen import WardScreen

NOTES = (5_000, 2_000, 1_000, 500)
COINS = 100  # key 5
MOST_FRANCS = 1_000_000
ACCOUNT = "account"


class CashSheet(Sheet):
    """Gives back the francs that stay with the runner, ACCOUNT, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *digits("note", "ward.note", most=5),
        key("enter", "taken", "ward.taken"),
        key("n", "no_cash", "ward.no_cash"),
        key("backspace,minus,delete", "clear", "kit.clear"),
    ]

    def __init__(self, *, number: str, due_francs: int) -> None:
        super().__init__()
        self._number, self.due, self.given = number, due_francs, 0
        self._told = ""

    @property
    def change(self) -> int:
        """What goes back to the patient; below nought: what is missing."""
        return self.given - self.due if self.given else 0

    def drawing(self, width: int, height: int) -> Drawing:
        roomy = height >= 18
        rows = 3 if roomy else 1
        drawing = Drawing(width)
        drawing.line(f"{self._number}  {self.word('ward.cash_title')}", look="strong")
        if roomy:
            drawing.rule()
        drawing.line(f"{self.word('ward.due')}", f"{money(self.due, self.language)}  ")
        drawing.line(f"{self.word('ward.paid_with')}", f"{money(self.given, self.language)}  ")
        short = self.change < 0
        label = self.word("ward.missing" if short else "ward.change")
        for number, row in enumerate(large(f"{abs(self.change):,}")):
            drawing.line(words(f"{label if number == 0 else '':<12}{row}", "late" if short else "strong"))
        if roomy:
            drawing.fill_to(height - 3 * rows - (1 if self._told else 0))
        if self._told:
            drawing.text(self._told, look="soon")
        drawing.buttons([(f"{n} {note}", f"note({n})") for n, note in enumerate(NOTES, 1)], rows=rows)
        aside = [(f"n  {self.word('ward.no_cash')}", "no_cash"), (f"5  {COINS}", "note(5)")]
        drawing.buttons(aside, rows=rows)
        drawing.button(f" Enter  {self._primary()}", "taken", heavy=True, rows=rows)
        return drawing

    def _primary(self) -> str:
        if not self.given:
            return self.word("ward.exact", francs=money(self.due, self.language))
        if self.change < 0:
            return self.word("ward.still_missing", francs=money(-self.change, self.language))
        return self.word("ward.give_back", francs=money(self.change, self.language))

    def action_note(self, number: int) -> None:
        self.given = min(MOST_FRANCS, self.given + (*NOTES, COINS)[number - 1])
        self._told = ""
        self.paint()

    def action_clear(self) -> None:
        self.given, self._told = 0, ""
        self.paint()

    def action_taken(self) -> None:
        """The exact sum where no note was named; else what is due stays, and the change goes back."""
        if self.change < 0:
            self._told = self.word("ward.missing_next")
            return self.paint()
        self.dismiss(self.due)

    def action_no_cash(self) -> None:
        self.dismiss(ACCOUNT)


async def take_cash(screen: WardScreen, *, order_id: str, number: str, due_francs: int) -> bool:
    """Asks, and saves at once what was pressed. False when they went back. In a worker of `people`."""
    from core.payments.commands import PutOnAccount, TakeCash

    taken = await screen.app.push_screen_wait(CashSheet(number=number, due_francs=due_francs))
    if taken is None:
        return False
    if taken == ACCOUNT:
        act, said = screen.word("ward.act_account", number=number), screen.word("ward.no_cash_told", number=number)
        await screen.perform(PutOnAccount(order_id=order_id), act=act, said=said)
        return True
    francs = money(int(taken), screen.language)
    act, said = screen.word("ward.act_cash", number=number), screen.word("ward.cash_told", number=number, francs=francs)
    await screen.perform(TakeCash(order_id=order_id, francs=int(taken)), act=act, said=said)
    return True
