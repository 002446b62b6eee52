"""Taking trays out: what stands ready in the kitchen, ward by ward; one key loads a cart, a scan one tray."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.kit.dialogs import TellScreen
from consoles.kit.keybar import digits, key
from consoles.kit.text import joined, words, wrapped
from core.words import word
from ward_tui.drawing import Drawing, Target
from ward_tui.screen import SMALL, Deed, WardScreen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from ward_tui.scanning import Found


@dataclass(frozen=True, slots=True)
class Loading:
    """One tray that stands ready. stop: why it stays where it is, "" when it may go."""

    order_id: str
    tray_id: str
    number: str
    bed: str
    stop: str


@dataclass(frozen=True, slots=True)
class CartRow:
    """The trays of one ward and meal."""

    id: str
    cart: str
    title: str
    trays: tuple[Loading, ...]
    cooking: int

    @property
    def loadable(self) -> tuple[Loading, ...]:
        return tuple(tray for tray in self.trays if not tray.stop)


class LoadScreen(WardScreen):
    """READY becomes ON THE WAY here."""

    WATCHES = ("order", "tray", "stay", "ward")
    HELP_WORDS = "ward_load"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("ward.take_out kit.undo kit.back | kit.help",),
        SMALL: ("ward.choose ward.take_out ward.type_number kit.undo kit.back | kit.help",),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "take_out", "ward.take_out"),
        *digits("choose", "ward.choose"),
        key("up", "step(-1)", "kit.up"),
        key("down", "step(1)", "kit.down"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.chosen = ""

    def ask(self, db: Connection) -> tuple[CartRow, ...]:
        from core.delivery.queries import carts
        from ward_tui.cards import stop_words
        from ward_tui.run_rows import meal_of

        language = self.language
        return tuple(
            CartRow(
                id=f"{cart.service_id} {cart.ward.id}",
                cart=word("ward.cart", language, cart=cart.ward.id),
                title=word(
                    "ward.cart_of",
                    language,
                    cart=cart.ward.id,
                    meal=word(f"meal.{meal_of(cart.service_id)}", language),
                ),
                trays=tuple(
                    Loading(
                        stop.order.id,
                        stop.tray.id if stop.tray is not None else "",
                        stop.order.number,
                        stop.bed,
                        stop_words(stop, language),
                    )
                    for stop in cart.ready
                ),
                cooking=cart.cooking,
            )
            for cart in carts(db)
        )

    def show(self, rows: tuple[CartRow, ...]) -> None:
        ids = [cart.id for cart in rows]
        if self.chosen not in ids:
            self.chosen = ids[0] if ids else ""
        super().show(rows)

    def cart(self) -> CartRow | None:
        return next((cart for cart in self.rows or () if cart.id == self.chosen), None)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return self.lead(self.word("ward.take_out_title"))

    def drawing(self, width: int, height: int) -> Drawing:
        drawing = Drawing(width)
        carts: tuple[CartRow, ...] = self.rows
        ready = sum(len(cart.loadable) for cart in carts)
        drawing.line(self.word("ward.ready_count", count=ready), f"{self.who}   " if width < SMALL else f"{self.who} ")
        drawing.rule()
        foot = 3 if height >= 12 else 1
        for number, cart in enumerate(carts, 1):
            if drawing.height >= height - foot - 1:
                break
            self._draw_cart(drawing, cart, number, until=height - foot)
        if not carts:
            drawing.text(self.word("ward.nothing_ready"))
        drawing.fill_to(height - foot)
        chosen = self.cart()
        told = self.word("ward.scan_only")
        if chosen is not None and chosen.loadable:
            told = self.word("ward.take_out_all", count=len(chosen.loadable), cart=chosen.cart)
        drawing.button(told, "take_out", heavy=True, rows=foot, centred=True)
        return drawing

    def _draw_cart(self, drawing: Drawing, cart: CartRow, number: int, *, until: int) -> None:
        top = drawing.height
        chosen = cart.id == self.chosen
        token = "chosen" if chosen else "strong"
        counts = self.word("ward.cart_counts", ready=len(cart.loadable), cooking=cart.cooking)
        drawing.line(words(f"{'>' if chosen else ' '}{number}  {cart.title}", token), f"{counts} ")
        for tray in cart.trays:
            if tray.stop:
                drawing.line(joined(words("    "), words(f"{self.word('mark.stop')} {tray.bed}", "flag")))
                drawing.flag(tray.stop, "flag", indent=4)
        beds = "  ".join(tray.bed for tray in cart.loadable)
        room = max(1, until - drawing.height)
        for piece in wrapped(beds, drawing.width - 5, most=room):
            drawing.line(f"    {piece}", look="quiet")
        drawing.targets.append(Target(top, drawing.height, 0, drawing.width, f"choose({number})"))

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_choose(self, number: int) -> None:
        carts = self.rows or ()
        if number > len(carts):
            return self.say(self.word("ward.no_number", number=number))
        self.chosen = carts[number - 1].id
        self.paint()

    def action_step(self, step: int) -> None:
        ids = [cart.id for cart in self.rows or ()]
        if self.chosen in ids:
            self.chosen = ids[max(0, min(len(ids) - 1, ids.index(self.chosen) + step))]
            self.paint()

    def action_take_out(self) -> None:
        """The chosen cart, whole; what a rule keeps back stays, and is named."""
        cart = self.cart()
        if self.is_locked:
            return self.console_app.action_show_people()
        if cart is None or not cart.loadable:
            return self.say(self.word("ward.nothing_ready"))
        self.run_worker(self._take_out(cart.loadable, cart=cart.cart), group="load", exclusive=True)

    async def _take_out(self, trays: Sequence[Loading], *, cart: str) -> None:
        from core.delivery.commands import TakeOut
        from core.orders.commands import TakeBack

        deeds = [
            Deed(
                TakeOut(order_id=tray.order_id, tray_id=tray.tray_id),
                f"{tray.number}  {tray.bed}",
                TakeBack(order_id=tray.order_id, step="out"),
            )
            for tray in trays
        ]
        said = self.word("ward.loaded_all", count=len(deeds), cart=cart)
        if len(trays) == 1:
            said = self.word("ward.loaded", number=trays[0].number, bed=trays[0].bed)
        refused = await self.perform_each(deeds, said=said)
        if refused:
            self.console_app.ring(3)
            told = [f"{deed.act}: {self.told_in_words(refusal)}" for deed, refusal in refused]
            self.app.push_screen(TellScreen(self.word("ward.stay_here", count=len(refused)), told))
        elif not self.rows:
            self.leave()

    async def scanned(self, scan: Found) -> None:
        """A scan here loads that tray; the same one again only says that it is on the cart already."""
        trays = [tray for cart in self.rows or () for tray in cart.trays]
        tray = next((tray for tray in trays if scan.is_tray and tray.order_id == scan.order_id), None)
        if tray is None:
            return await super().scanned(scan)
        if self.is_locked:
            return self.console_app.action_show_people()
        await self._take_out([tray], cart="")
