"""The wall: nine meals at a glance, red flags first, one key a step (screens.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from consoles.kit.board import Board, Face
from consoles.kit.keybar import digits, key
from consoles.kit.lines import WIDE, Line, Lines, Rule
from consoles.kit.screen import ConsoleScreen
from consoles.kit.text import fitted, joined, width_of, words
from core.words import clock, flag_words, has
from kitchen_tui.acts import BoardActs
from kitchen_tui.cards import paint
from kitchen_tui.panel import Panel, panel_lines
from kitchen_tui.ringing import Ringing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.orders.counts import DishCount, Trolley
    from core.orders.kitchen import KitchenBoard
    from core.orders.tickets import Ticket, Tickets

VIEWS = ("cart", "diet", "age")
MINUTE_MS = 60_000
TALL_ROWS = 40


@dataclass(frozen=True, slots=True)
class WallRows:
    """What the store said at one asking."""

    board: KitchenBoard
    trolleys: tuple[Trolley, ...]
    dishes: tuple[DishCount, ...]


class BoardScreen(BoardActs, ConsoleScreen):
    """Every key acts on the chosen tile. What a key does is in `BoardActs`."""

    CSS_PATH = "board.tcss"
    WATCHES = (
        "order",
        "order_line",
        "diet_profile",
        "dish",
        "dish_facts",
        "stay",
        "ward",
        "service",
        "person",
        "policy",
    )
    HELP_WORDS = "kitchen_board"
    DEBOUNCED_MS: ClassVar = {
        **ConsoleScreen.DEBOUNCED_MS,
        "full_stop": 300,
        "space": 100,
        **dict.fromkeys("123456789", 50),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        *digits("choose", "kitchen.choose"),
        key("enter", "next_step", "kitchen.next_step"),
        key("space", "tick", "kitchen.tick"),
        key("full_stop,decimal", "see", "kitchen.seen"),
        key("u", "undo", "kit.undo"),
        key("r,0", "recall", "kitchen.recall"),
        key("a,asterisk", "all_day", "kitchen.all_day"),
        key("i", "issue", "kitchen.issue"),
        key("o", "out_of_stock", "kitchen.out_of_stock"),
        key("n", "note", "kitchen.note"),
        key("e", "explain", "kitchen.why"),
        key("h", "history", "kitchen.history"),
        key("v", "next_view", "kitchen.view"),
        key("plus,pagedown", "page(1)", "kitchen.next_page"),
        key("minus,pageup", "page_back", "kitchen.page_before"),
        key("slash", "find", "kitchen.find"),
        key("b", "bell", "kitchen.bell"),
        key("up", "go(0, -1)", "kit.up"),
        key("down", "go(0, 1)", "kit.down"),
        key("left", "go(-1, 0)", "kit.left"),
        key("right", "go(1, 0)", "kit.right"),
    ]
    BAR: ClassVar = {
        0: ("kitchen.next_step kitchen.tick kitchen.seen | kit.help",),
        60: (
            "kitchen.choose kitchen.next_step kitchen.tick kitchen.seen kit.undo kitchen.recall kitchen.all_day",
            (
                "kitchen.issue kitchen.out_of_stock kitchen.note kitchen.why kitchen.history kitchen.view"
                " kitchen.next_page | kit.help"
            ),
        ),
        120: (
            (
                "kitchen.choose kitchen.next_step kitchen.tick kitchen.seen kit.undo kitchen.recall kitchen.issue"
                " kitchen.note kitchen.out_of_stock kitchen.all_day"
            ),
            (
                "kitchen.why kitchen.history kitchen.view kitchen.find kitchen.next_page kitchen.bell kit.sync kit.who"
                " | kit.help"
            ),
        ),
    }

    def __init__(self) -> None:
        super().__init__()
        self.rows: WallRows | None = None
        self.view = VIEWS[0]
        self.ringing = Ringing()
        self._tickets: Tickets | None = None  # the store's thread's own
        self._asked_in = 0  # the minute of the last asking

    # -- what it is made of -------------------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        yield Line(id="second")
        yield Lines([Text()], id="stop")
        with Horizontal(id="wall"):
            yield Board(self._paint, id="board")
            yield Panel(id="panel")
        yield Rule(id="rule")

    @property
    def board(self) -> Board[Ticket]:
        return self.query_one("#board", Board)

    def _paint(self, ticket: Ticket, width: int, rows: int, now: int, gone: bool) -> Face:
        return paint(ticket, width, rows, now, gone, self.language)

    def on_resize(self) -> None:
        width, height = self.app.size
        self.query_one("#panel").display = width >= WIDE
        self.query_one("#rule").display = height >= TALL_ROWS
        super().on_resize()
        self._show_panel()

    def restyled(self) -> None:
        self.board.restyled()
        super().restyled()
        self._show_panel()

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> WallRows:
        from core.orders.counts import dish_counts, trolleys
        from core.orders.kitchen import kitchen_board
        from core.orders.tickets import Tickets

        self._tickets = self._tickets or Tickets()
        at, language = self.console_app.now(), self.language
        self._asked_in = at // MINUTE_MS
        board = kitchen_board(db, at=at, rules_age=self.rules_age, language=language, tickets=self._tickets)
        of_meal = board.service.id if board.service is not None else ""
        cooked = [ticket for ticket in board.everything if ticket.service_id == of_meal]
        return WallRows(board, trolleys(db, board.everything, of_meal), dish_counts(cooked))

    def show(self, rows: WallRows) -> None:
        self.rows = rows
        now = self.console_app.now()
        cards = sorted(rows.board.tickets, key=_sequence(self.view)) if self.view != VIEWS[0] else rows.board.tickets
        self.board.fill(cards, now=now, empty=self._empty())
        mono = self.console_app.mono()
        self.console_app.ring(times) if (times := self.ringing.heard(rows.board.tickets, mono)) else None
        self.tick()
        self._show_panel()

    def _empty(self) -> str:
        service = self.rows.board.next_service if self.rows is not None else None
        if service is None:
            return self.no_rows(self.word("kitchen.empty_now"))
        meal = self.word(f"meal.{service.meal}")
        return self.no_rows(self.word("kitchen.empty", meal=meal, time=clock(service.opens_at)))

    # -- once a second ------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        super().tick()
        mono = self.console_app.mono()
        if self.rows is not None:
            self._ask_each_minute()
            self.board.tidy_if_idle(mono - self.console_app.touched_at)
            self.board.tick(self.console_app.now())
            if times := self.ringing.again(self.rows.board.stops, mono):
                self.console_app.ring(times)
        self._show_second(mono)
        self._show_stop()

    def _ask_each_minute(self) -> None:
        """Much begins and ends by itself: a nil by mouth, an allowance, rules that are too old, what leaves soon."""
        if self.console_app.now() // MINUTE_MS != self._asked_in:
            self.ask_soon()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        left: list[Text | str] = [self.word("kitchen.title")]
        if self.rows is None:
            return (left, [])
        board, wide = self.rows.board, self.app.size.width >= WIDE
        if board.service is not None:
            left.append(words(self.word(f"meal.{board.service.meal}").upper()))
        if (cart := self._next_cart()) is not None:
            name = "kitchen.next_cart_wide" if wide else "kitchen.next_cart"
            left.append(words(self.word(name, ward=cart.ward_id, time=clock(cart.leaves_at))))
        counts = {"to_cook": board.counts.to_cook, "cooking": board.counts.cooking, "ready": board.counts.ready}
        if wide:
            counts |= {"held": board.counts.held, "stop": board.counts.stopped}
        between = [words(self.word(f"kitchen.{name}", count=count)) for name, count in counts.items()]
        if board.counts.coming and wide:
            between.insert(0, words(self.word("kitchen.coming", count=board.counts.coming), "quiet"))
        if wide and self.rules_age is not None:
            rules = self.word("kitchen.rules", time=clock(self.console_app.now() - self.rules_age))
            between.append(words(rules, "quiet"))
        return (left, between)

    def _next_cart(self) -> Trolley | None:
        waiting = [one for one in self.rows.trolleys if one.left < one.all] if self.rows is not None else []
        return min(waiting, key=_leaves, default=None)

    def _show_second(self, mono: int) -> None:
        line = self.query_one("#second", Line)
        if self.rows is None:
            return line.say(self.word("opening.store"))
        wide = self.app.size.width >= WIDE
        name = f"kitchen.view_{self.view}"
        named = self.word(f"{name}_wide") if wide and has(f"{name}_wide", "en") else self.word(name)
        left = [self.word("kitchen.view", view=named)]
        left.append(self.word("kitchen.page", page=self.board.page + 1, pages=self.board.pages))
        new, page = self.board.news()
        if new:
            left.append(self.word("kitchen.new_on_page", count=new, page=page))
        space, right = "     " if wide else "   ", self._second_right(mono)
        while len(left) > 1 and width_of(space.join(left)) + width_of(right) + len(space) + 2 > self.app.size.width:
            left.pop(0)  # the view gives way first, what is new last
        line.say(space.join(left), right)

    def _second_right(self, mono: int) -> Text:
        assert self.rows is not None
        parts: list[Text | str] = []
        if stopped := self.rows.board.counts.stopped:
            parts += [words(self.word("kitchen.stops", count=stopped), "flag"), "   "]
        left = self.ringing.silent_minutes(mono)
        bell = (
            words(self.word("kitchen.bell_off", minutes=left), "soon") if left else words(self.word("kitchen.bell_on"))
        )
        person = self.console_app.acting.person
        who = words(person.display) if person is not None else words(self.word("chip.locked"), "quiet")
        return joined(*parts, bell, "   ", who)

    def _show_stop(self) -> None:
        """The oldest STOP, in reverse, until somebody has read it; else a rule."""
        line, width = self.query_one("#stop", Lines), self.app.size.width
        stops = self.rows.board.stops if self.rows is not None else ()
        if not stops:
            return line.tell([words("-" * width, "rule")])
        first = stops[0]
        reason = flag_words(first.stop, {}, self.language)[4:]
        if width >= WIDE and first.flags:
            reason = flag_words(first.flags[0].code, first.flags[0].arguments, self.language)[4:]
        number = self.board.number_of(first.key)
        tile = str(number) if number else self.word("kitchen.on_page", page=self._page_of(first.key))
        about = {"bed": first.bed, "number": first.number, "reason": reason, "tile": tile}
        said = self.word("kitchen.stop_line", **about)
        if width_of(said) > width:  # what to do gives way, never what is wrong
            said = self.word("kitchen.stop_line_short", **about)
        if len(stops) > 1 and width_of(said) + 20 <= width:
            said = f"{said}   {self.word('kitchen.first_of', count=len(stops))}"
        line.tell([fitted(words(said, "flag"), width, filler="flag")])

    def _page_of(self, key: str) -> int:
        return self.board.page_of(key) + 1

    def _show_panel(self) -> None:
        panel = self.query_one("#panel", Panel)
        if self.rows is None or not panel.display or not panel.size.height:
            return
        now, rows = self.console_app.now(), panel.size.height
        panel.tell(
            panel_lines(
                self.rows.board, self.rows.trolleys, self.rows.dishes, now=now, rows=rows, language=self.language
            )
        )

    # -- another sequence ---------------------------------------------------------------------------------------------

    def action_next_view(self) -> None:
        self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]
        if self.rows is not None:
            cards = sorted(self.rows.board.tickets, key=_sequence(self.view))
            self.board.fill(cards, now=self.console_app.now(), empty=self._empty(), tidy=True)
        self.say(self.word("kitchen.view", view=self.word(f"kitchen.view_{self.view}")))
        self.tick()


def _sequence(view: str) -> Callable[[Ticket], tuple[object, ...]]:
    from core.orders import kitchen

    return {"cart": kitchen.cart_order, "diet": kitchen.diet_order, "age": kitchen.age_order}[view]


def _leaves(trolley: Trolley) -> tuple[int, str]:
    return (trolley.leaves_at, trolley.ward_id)
