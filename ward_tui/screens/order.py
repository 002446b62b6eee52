"""A meal for a patient who cannot order: what is allowed now, in large rows that a nurse reads out; one key orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.kit.dialogs import Choice
from consoles.kit.keybar import digits, key
from consoles.kit.text import joined, words
from core.words import money
from ward_tui.drawing import Drawing, Target
from ward_tui.flags import Flag
from ward_tui.screen import SMALL, WardScreen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.kernel.message import Command
    from core.kernel.refusal import Refusal

LARGE, SMALLEST = 3, 1  # rows of one dish


@dataclass(frozen=True, slots=True)
class Offer:
    """One dish that this patient may have now. asks: a preference stands against it, and is waved on or not."""

    dish_id: str
    name: str
    francs: int
    asks: str = ""


@dataclass(frozen=True, slots=True)
class OrderRows:
    """What may be ordered, and what may not: `not_allowed` counts those that safety keeps back."""

    offers: tuple[Offer, ...]
    flags: tuple[Flag, ...]
    number: str
    not_allowed: int
    why_none: str = ""


class OrderScreen(WardScreen):
    """Digits order at once; Space puts several dishes on one tray first."""

    WATCHES = ("dish", "dish_facts", "diet_profile", "order", "service", "stay")
    HELP_WORDS = "ward_order"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("ward.order_it ward.tick ward.guest | kit.help",),
        SMALL: ("ward.order_it ward.tick ward.guest kit.next_page | kit.help",),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "order_chosen", "ward.order_it"),
        *digits("order_number", "ward.choose"),
        key("space", "tick", "ward.tick"),
        key("g", "guest", "ward.guest"),
        key("up", "step(-1)", "kit.up"),
        key("down", "step(1)", "kit.down"),
        key("pagedown,plus", "page(1)", "kit.next_page"),
        key("pageup,minus", "page(-1)", "kit.page_before"),
    ]

    def __init__(self, stay_id: str, *, bed: str, service_id: str) -> None:
        super().__init__()
        self.stay_id, self.bed, self.service_id = stay_id, bed, service_id
        self.chosen = ""
        self.ticked: list[str] = []
        self.for_guest = False
        self._per_page = 1

    def ask(self, db: Connection) -> OrderRows:
        from ward_tui.order_rows import guest_rows, order_rows

        asked = guest_rows if self.for_guest else order_rows
        return asked(db, self.stay_id, self.service_id, self.now(db), self.language)

    def show(self, rows: OrderRows) -> None:
        """A dish that is not allowed any more leaves the tray by itself."""
        ids = [offer.dish_id for offer in rows.offers]
        self.ticked = [dish_id for dish_id in self.ticked if dish_id in ids]
        if self.chosen not in ids:
            self.chosen = ids[0] if ids else ""
        super().show(rows)

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        title = "ward.guest_title" if self.for_guest else "ward.order_title"
        return self.lead(self.word(title, bed="" if self.is_locked else self.bed))

    # -- drawing ------------------------------------------------------------------------------------------------------

    def drawing(self, width: int, height: int) -> Drawing:
        rows: OrderRows = self.rows
        drawing = Drawing(width)
        for flag in rows.flags:
            drawing.flag(flag.text, flag.token)
        drawing.line(self.word("ward.allowed_dishes", count=len(rows.offers)), self._kept_back(), look="quiet")
        drawing.rule()
        if not rows.offers:
            drawing.text(rows.why_none or self.word("ward.no_dish"), look="strong")
        room = height - drawing.height - 1
        each = LARGE if room >= 2 * LARGE else SMALLEST
        self._per_page = max(1, min(9, room // each))
        first = self._at() // self._per_page * self._per_page
        for number, offer in enumerate(rows.offers[first : first + self._per_page], 1):
            self._draw_offer(drawing, offer, number, rows_each=each)
        more = len(rows.offers) - first - self._per_page
        drawing.fill_to(height - 1)
        drawing.line("", f"{self.word('ward.more', count=more)}  " if more > 0 else "", look="quiet")
        return drawing

    def _kept_back(self) -> str:
        rows: OrderRows = self.rows
        return f"{self.word('ward.kept_back', count=rows.not_allowed)} " if rows.not_allowed and rows.offers else ""

    def _draw_offer(self, drawing: Drawing, offer: Offer, number: int, *, rows_each: int) -> None:
        top = drawing.height
        chosen = offer.dish_id == self.chosen
        tick = "(v)" if offer.dish_id in self.ticked else "( )"
        head = words(f"{'>' if chosen else ' '}{number}  {tick} {offer.name}", "chosen" if chosen else "strong")
        drawing.line(joined(head), f"{money(offer.francs, self.language)} ")
        if rows_each > 1:
            drawing.line(f"        {offer.asks}", look="soon")
            drawing.line()
        drawing.targets.append(Target(top, drawing.height, 0, drawing.width, f"order_number({number})"))

    # -- choosing -----------------------------------------------------------------------------------------------------

    def _at(self) -> int:
        ids = [offer.dish_id for offer in self.rows.offers] if self.rows is not None else []
        return ids.index(self.chosen) if self.chosen in ids else 0

    def action_step(self, step: int) -> None:
        self._go(self._at() + step)

    def action_page(self, step: int) -> None:
        self._go((self._at() // self._per_page + step) * self._per_page)

    def _go(self, at: int) -> None:
        offers = self.rows.offers if self.rows is not None else ()
        if 0 <= at < len(offers):
            self.chosen = offers[at].dish_id
            self.paint()

    def action_guest(self) -> None:
        """For somebody who visits the patient, and back: what is ticked is not the same person's any more."""
        self.for_guest, self.ticked, self.chosen = not self.for_guest, [], ""
        self._show_top()
        self.ask_soon()

    def action_tick(self) -> None:
        if self.chosen in self.ticked:
            self.ticked.remove(self.chosen)
        elif self.chosen:
            self.ticked.append(self.chosen)
        self.paint()

    # -- ordering -----------------------------------------------------------------------------------------------------

    async def action_order_number(self, number: int) -> None:
        offers = self.rows.offers if self.rows is not None else ()
        at = self._at() // self._per_page * self._per_page + number - 1
        if number > self._per_page or at >= len(offers):
            return self.say(self.word("ward.no_number", number=number))
        self.chosen = offers[at].dish_id
        await self.action_order_chosen()

    async def action_order_chosen(self) -> None:
        """The ticked dishes and the chosen one, for this patient, by the nurse who is signed in."""
        if self.rows is None or self.is_locked:
            return self.console_app.action_show_people()
        if not self.chosen:
            return self.say(self.rows.why_none or self.word("ward.no_dish"))
        dishes = list(dict.fromkeys([*self.ticked, self.chosen]))
        asks = [offer for offer in self.rows.offers if offer.dish_id in dishes and offer.asks]
        if asks:
            self.run_worker(self._confirm(dishes, asks), group="people", exclusive=True)
        else:
            await self._order(dishes, confirm=False)

    async def _confirm(self, dishes: Sequence[str], asks: Sequence[Offer]) -> None:
        """A preference warns: the nurse has asked the patient (R2)."""
        from consoles.kit.dialogs import AskScreen

        question = AskScreen(
            self.word("ward.prefers_ask", bed=self.bed),
            yes=self.word("ward.prefers_yes"),
            no=self.word("ward.prefers_no"),
            text=[f"{offer.name}: {offer.asks}" for offer in asks],
        )
        if await self.app.push_screen_wait(question):
            await self._order(dishes, confirm=True)

    def truths(self, refusal: Refusal, command: Command | None) -> Sequence[Choice]:
        """Whoever orders for a guest has read what is the matter in the room, and may say so."""
        if refusal.code != "guest_asks":
            return super().truths(refusal, command)
        return [Choice(self.word("ward.guest_all_the_same"), self._order_all_the_same)]

    def _order_all_the_same(self) -> None:
        dishes = list(dict.fromkeys([*self.ticked, self.chosen]))
        self.run_worker(self._order(dishes, confirm=True), group="people", exclusive=True)

    async def _order(self, dishes: Sequence[str], *, confirm: bool) -> None:
        from core.orders.attempts import Ordered
        from core.orders.numbers import does_follow
        from core.orders.placing import PlaceOrder

        number = self.rows.number
        lines = tuple(Ordered(dish_id=dish_id) for dish_id in dishes)
        command = PlaceOrder(
            stay_id=self.stay_id,
            service_id=self.service_id,
            number=number,
            lines=lines,
            method="cash" if self.for_guest else "account",
            confirm=confirm,
            guest=self.for_guest,
        )
        done = len(self.performed)
        told = self.word("ward.number_follows") if does_follow(number) else number
        ordered = "ward.guest_ordered" if self.for_guest else "ward.ordered_for"
        said = self.word(ordered, who=self.who, bed=self.bed, number=told)
        await self.perform(command, act=self.word("ward.act_order", bed=self.bed), said=said)
        if len(self.performed) > done:
            self.leave()
