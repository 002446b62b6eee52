"""The runner's list: stops in walking order, each with its bed of now, its red flags and what is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.kit.keybar import digits, key
from consoles.kit.lines import Line
from consoles.kit.text import joined, padded, width_of, words
from core.words import word
from ward_tui.cards import BED_CELLS, Card
from ward_tui.drawing import Drawing, Target
from ward_tui.screen import SMALL, WardScreen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

TIDY_MS = 3_000  # without a key
ROOMY = 14  # rows of the panel from which buttons are three rows high


@dataclass(frozen=True, slots=True)
class RunRows:
    """What the list shows. ready: trays that wait for a cart. next_at: when the next meal leaves the kitchen."""

    cards: tuple[Card, ...] = ()
    given: int = 0
    all: int = 0
    carts: str = ""
    meal: str = ""
    ready: int = 0
    to_collect: int = 0
    next_meal: str = ""
    next_at: int = 0


class RunScreen(WardScreen):
    """The first screen of a handheld."""

    WATCHES = ("order", "tray", "stay", "diet_profile", "cash_due", "delivery_issue", "ward", "service")
    HELP_WORDS = "ward_run"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("ward.way ward.issue ward.cash kit.sync | kit.help",),
        SMALL: (
            "ward.choose ward.open_stop ward.load ward.collect ward.way ward.issue | kit.help",
            "ward.cash ward.type_number ward.desk kit.undo kit.why kit.sync kit.who |",
        ),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "primary", "ward.open_stop"),
        *digits("choose", "ward.choose"),
        key("up", "step(-1)", "kit.up"),
        key("down", "step(1)", "kit.down"),
        key("pagedown,plus", "page(1)", "kit.next_page"),
        key("pageup,minus", "page(-1)", "kit.page_before"),
        key("l", "load", "ward.load"),
        key("k", "collect", "ward.collect"),
        key("w", "way", "ward.way"),
        key("i", "issue", "ward.issue"),
        key("c", "cash", "ward.cash"),
        key("e", "explain", "kit.why"),
        key("d", "desk", "ward.desk"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.chosen = ""  # an order, not a row
        self._sequence: list[str] = []
        self._pages: list[list[str]] = [[]]

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> RunRows:
        from ward_tui.run_rows import run_rows

        return run_rows(db, self.me(), self.now(db), self.language)

    def show(self, rows: RunRows) -> None:
        """New stops join at the end; the list is tidied when nobody has pressed a key for a moment."""
        ids = [card.order_id for card in rows.cards]
        if self.console_app.mono() - self.pressed_at >= TIDY_MS:
            self._sequence = ids
        else:
            kept = [order_id for order_id in self._sequence if order_id in ids]
            self._sequence = [*kept, *(order_id for order_id in ids if order_id not in kept)]
        if self.chosen not in ids:
            self.chosen = self._sequence[0] if self._sequence else ""
        super().show(rows)

    def tick(self) -> None:
        if self.rows is not None and self.console_app.mono() - self.pressed_at >= TIDY_MS:
            self._sequence = [card.order_id for card in self.rows.cards]
        super().tick()

    def cards(self) -> list[Card]:
        found = {card.order_id: card for card in self.rows.cards} if self.rows is not None else {}
        return [found[order_id] for order_id in self._sequence if order_id in found]

    def card(self) -> Card | None:
        return next((card for card in self.cards() if card.order_id == self.chosen), None)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        rows = self.rows
        if rows is None or self.is_locked:
            return self.lead(self.word("ward.run"))
        return self.lead(self.word("ward.run"), rows.carts, rows.meal)

    def drawing(self, width: int, height: int) -> Drawing:
        drawing = Drawing(width)
        roomy = height >= ROOMY
        counts, who = self._counts(), f"{self.who}   " if width < SMALL else f"{self.who} "
        drawing.line(counts, who if width_of(counts) + width_of(who) < width else "")
        if roomy:
            drawing.rule()
        foot = 3 if roomy else 1
        cards = self.cards()
        if cards:
            self._draw_cards(drawing, cards, height - foot - 1)
        else:
            drawing.space()
            for sentence in self._empty():
                drawing.text(sentence)
        drawing.fill_to(height - foot)
        drawing.button(self._primary_words(), "primary", rows=foot, centred=True)
        return drawing

    def _counts(self) -> str:
        rows: RunRows = self.rows
        told = [self.word("ward.delivered", done=rows.given, all=rows.all)] if rows.all else []
        if rows.ready:
            told.append(self.word("ward.ready_count", count=rows.ready))
        return "   ".join(told) or self.word("ward.no_run")

    def _draw_cards(self, drawing: Drawing, cards: list[Card], until: int) -> None:
        needs = {card.order_id: self._card_lines(drawing.width, card, 0) for card in cards}
        self._pages = _paged([(card.order_id, needs[card.order_id].height) for card in cards], until - drawing.height)
        page = next((page for page in self._pages if self.chosen in page), self._pages[0])
        for number, card in enumerate((card for card in cards if card.order_id in page), 1):
            part = self._card_lines(drawing.width, card, number)
            top = drawing.height
            for line in part.lines:
                drawing.line(line)
            drawing.targets.append(_over(top, drawing.height, drawing.width, f"open_number({number})"))
        after = self._pages.index(page) + 1
        more = sum(len(page) for page in self._pages[after:])
        drawing.fill_to(until)
        before = self._pages[: after - 1]
        told = self.word("ward.more", count=more) if more else self.word("ward.before") if before else ""
        drawing.line("", f"{told}  " if told else "", look="quiet")

    def _card_lines(self, width: int, card: Card, number: int) -> Drawing:
        part = Drawing(width)
        chosen = card.order_id == self.chosen
        head = f"{'>' if chosen else ' '}{number}  {padded(self.bed_word(card.bed), BED_CELLS)}"
        token = "chosen" if chosen else "strong"
        marks = [words(self.word("mark.stop"), "flag")] if card.stop else []
        marks += [words(self.word("mark.moved"), "soon")] if card.moved else []
        right = joined(*[piece for mark in marks for piece in (mark, words(" "))])
        part.line(joined(words(head, token), words("" if card.stop else card.place, token if chosen else "")), right)
        for flag in card.flags:
            part.flag(flag.text, flag.token, indent=4)
        for note in card.notes:
            part.text(note, look="soon", indent=4)
        part.line(f"    {card.number}  {card.money}", look="" if card.due_francs else "quiet")
        return part

    def _empty(self) -> list[str]:
        rows: RunRows = self.rows
        told = [nothing] if (nothing := self.no_rows("")) else []
        if rows.all:
            told.append(self.word("ward.run_empty", count=rows.all, cart=rows.carts))
        elif not rows.ready and not told:
            told.append(self.word("ward.run_none"))
        if rows.ready:
            told.append(self.word("ward.stand_ready", count=rows.ready))
        if rows.to_collect:
            told.append(self.word("ward.to_collect", count=rows.to_collect))
        if not rows.ready and rows.next_at:
            from core.words import clock

            told.append(self.word("ward.next_meal", meal=rows.next_meal, time=clock(rows.next_at)))
        return told

    def _primary_words(self) -> str:
        card, rows = self.card(), self.rows
        if card is not None:
            return self.word("ward.scan_or", bed=self.bed_word(card.bed))
        if rows.ready:
            return self.word("ward.enter_load")
        return self.word("ward.enter_collect") if rows.to_collect else self.word("ward.scan_only")

    def _show_message(self) -> None:
        super()._show_message()
        if not self._said.plain and self.HAS_MESSAGES and not self.can_undo:
            last = self.console_app.scans.last
            right = word("scan.last", self.language, code=last) if last else word("scan.none", self.language)
            self.query_one("#message", Line).say(words(self.word("ward.scan_anywhere"), "quiet"), words(right, "quiet"))

    # -- choosing -----------------------------------------------------------------------------------------------------

    def _page(self) -> list[str]:
        return next((page for page in self._pages if self.chosen in page), self._pages[0])

    def action_choose(self, number: int) -> None:
        page = self._page()
        if number > len(page):
            return self.say(self.word("ward.no_number", number=number))
        self.chosen = page[number - 1]
        self.paint()

    async def action_open_number(self, number: int) -> None:
        """A tap does at once what a digit and Enter do."""
        self.action_choose(number)
        if number <= len(self._page()):
            self.action_primary()

    def action_step(self, step: int) -> None:
        if self.chosen in self._sequence:
            at = self._sequence.index(self.chosen) + step
            self.chosen = self._sequence[max(0, min(len(self._sequence) - 1, at))]
            self.paint()

    def action_page(self, step: int) -> None:
        at = self._pages.index(self._page()) + step
        if self.rows is not None and 0 <= at < len(self._pages) and self._pages[at]:
            self.chosen = self._pages[at][0]
            self.paint()

    # -- acting -------------------------------------------------------------------------------------------------------

    def action_primary(self) -> None:
        """The chosen stop; without one the next cart, then the trays that stand at the beds."""
        if self.is_locked:
            return self.console_app.action_show_people()
        card = self.card()
        if card is not None:
            from ward_tui.screens.bedside import BedsideScreen

            self.app.push_screen(BedsideScreen(card.order_id))
        elif self.rows is not None and self.rows.ready:
            self.action_load()
        elif self.rows is not None and self.rows.to_collect:
            self.action_collect()

    def action_load(self) -> None:
        from ward_tui.screens.load import LoadScreen

        self.app.push_screen(LoadScreen())

    def action_collect(self) -> None:
        from ward_tui.screens.collect import CollectScreen

        self.app.push_screen(CollectScreen())

    def action_way(self) -> None:
        from ward_tui.screens.way import WayScreen

        self.app.push_screen(WayScreen())

    def action_desk(self) -> None:
        from ward_tui.screens.desk import DeskScreen

        self.app.push_screen(DeskScreen())

    def action_issue(self) -> None:
        card = self.card()
        if card is None or self.is_locked:
            return self.say(self.word("ward.choose_first"))
        from ward_tui.issues import ask_issue

        ask_issue(self, order_id=card.order_id, tray_id="", number=card.number)

    def action_cash(self) -> None:
        card = self.card()
        if card is None or self.is_locked:
            return self.say(self.word("ward.choose_first"))
        if not card.due_francs:
            return self.say(self.word("ward.nothing_due_for", number=card.number))
        from ward_tui.screens.cash import take_cash

        taking = take_cash(self, order_id=card.order_id, number=card.number, due_francs=card.due_francs)
        self.run_worker(taking, group="people", exclusive=True)

    def action_explain(self) -> None:
        card = self.card()
        if card is None or self.is_locked:
            return self.say(self.word("ward.choose_first"))
        from ward_tui.why import explain

        explain(self, card.order_id)


def _paged(needs: Sequence[tuple[str, int]], room: int) -> list[list[str]]:
    """Cards on pages: as many as fit whole; one that needs more than a page has it alone."""
    pages: list[list[str]] = [[]]
    used = 0
    for order_id, rows in needs:
        if pages[-1] and used + rows > room:
            pages.append([])
            used = 0
        pages[-1].append(order_id)
        used += rows
    return pages


def _over(top: int, bottom: int, width: int, action: str) -> Target:

    return Target(top, bottom, 0, width, action)
