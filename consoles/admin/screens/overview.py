"""The overview: what needs a person first, then the meal, wards, consoles, the day in figures (screens.md §8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from consoles.admin import boxes
from consoles.admin.closing import Closing
from consoles.admin.heard import look_again
from consoles.admin.lists import AdminTable, Bar, BoxTitle
from consoles.admin.screen import AdminScreen
from consoles.kit.dialogs import Choice
from consoles.kit.keybar import key
from consoles.kit.lines import NARROW, WIDE, Lines
from consoles.kit.table import Column, Table
from consoles.kit.text import joined, words
from core.words import clock

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.overview import Overview

BOXES = ("needs", "wards", "service", "meals", "rest", "devices", "money", "refused")
RIGHT = BOXES[3:]
COLUMNS = {"needs": boxes.need_columns, "wards": boxes.ward_columns, "devices": boxes.device_columns}
MOST_NEEDS = 12
SPOKEN_MS = 8_000  # so long stands what was said before the last events come back


class OverviewScreen(Closing, AdminScreen):
    """Enter on any row opens its list, or the act that closes it."""

    CSS_PATH = "overview.tcss"
    PLACE = "overview"
    WATCHES = (
        "order",
        "order_move",
        "case",
        "unread_outcome",
        "bed_assignment",
        "bed",
        "stay",
        "diet_profile",
        "device",
        "ledger_entry",
        "cash_due",
        "hand_over",
        "delivery_issue",
        "service",
        "ward",
        "dish",
        "trouble",
        "seen",
    )
    HELP_WORDS = "admin_overview"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("tab", "next_box(1)", "admin.next_box", first=True),
        key("shift+tab", "next_box(-1)", "admin.box_before", shown="sh-Tab", first=True),
        key("enter", "open_chosen", "admin.open"),
        key("e", "explain", "admin.why"),
        key("o", "override", "admin.override"),
        key("x", "export", "admin.export"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.next_box admin.open | kit.help",),
        60: ("admin.next_box admin.open admin.why admin.override admin.export admin.find kit.sync | kit.help",),
        120: (
            "admin.next_box admin.open admin.why admin.override admin.export admin.find kit.sync kit.who | kit.help",
        ),
    }

    def __init__(self) -> None:
        super().__init__()
        self.rows: Overview | None = None
        self._spoke_at = -SPOKEN_MS
        self._tiny = False  # one box at a time
        self._stops: frozenset[str] | None = None  # None: nothing was heard before, so nothing is news

    # -- what it is made of -------------------------------------------------------------------------------------------

    def inside(self) -> ComposeResult:
        with Horizontal(id="halves"):
            with Vertical(id="left"):
                yield BoxTitle(id="needs-title")
                yield AdminTable(self._columns("needs"), id="needs", numbered=True, heads=False)
                yield BoxTitle(id="wards-title")
                yield AdminTable(self._columns("wards"), id="wards", heads=False)
                yield AdminTable(boxes.FIGURE_COLUMNS, id="service", heads=False)
                yield Lines([Text()], id="more")
            yield Bar(id="bar")
            with Vertical(id="right"):
                yield BoxTitle(id="meals-title")
                yield AdminTable(boxes.MEAL_COLUMNS, id="meals", heads=False)
                yield AdminTable(boxes.FIGURE_COLUMNS, id="rest", heads=False)
                yield BoxTitle(id="devices-title")
                yield AdminTable(self._columns("devices"), id="devices", heads=False)
                yield AdminTable(boxes.FIGURE_COLUMNS, id="money", heads=False)
                yield BoxTitle(id="refused-title")
                yield AdminTable(boxes.REFUSED_COLUMNS, id="refused", heads=False)
                yield Lines([Text()], id="last")

    def place_words(self) -> Sequence[Text | str]:
        """Between the screen's name and the chip: the meal under way and its next cart."""
        return [self.word("admin.overview")]

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        left, between = super().top()
        service = self.rows.meals.service if self.rows is not None else None
        if service is None or self.is_locked:
            return left, between
        said = self.word(f"meal.{service.meal}")
        if service.dispatch_at > self.console_app.now():
            said = self.word("admin.next_cart", meal=said, time=clock(service.dispatch_at))
        return [*left, words(said)], between

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")
        was_tiny, self._tiny = self._tiny, self.app.size.width < NARROW
        if was_tiny != self._tiny:
            for name in COLUMNS:
                self.box(name).fill([])
                self.box(name).rename(self._columns(name))
            self.ask_soon()
        self._lay_out(self._box_here() or "needs")
        super().on_resize()
        self._show_frame()
        self.call_after_refresh(self._show_lines)

    def restyled(self) -> None:
        for name in COLUMNS:
            self.box(name).rename(self._columns(name))
        super().restyled()

    def _columns(self, name: str) -> tuple[Column, ...]:
        return COLUMNS[name](self.language, tiny=self._tiny)

    def _lay_out(self, here: str) -> None:
        """Side by side where there is room; else the half with this box; else this box alone."""
        self.set_class(here in RIGHT, "-right")
        for name in BOXES:
            alone = not self._tiny or name == here
            self.box(name).display = alone
            for title in self.query(f"#{name}-title"):
                title.display = alone

    def box(self, name: str) -> AdminTable:
        return self.query_one(f"#{name}", AdminTable)

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> Overview:
        from consoles.admin.heard import heard_here
        from core.reports.overview import overview

        app = self.admin_app
        return overview(db, at=app.now(), heard=heard_here(db, app), language=self.language)

    def show(self, rows: Overview) -> None:
        self.rows, now, language, tiny = rows, self.console_app.now(), self.language, self._tiny
        self._ring(rows)
        none = self._none_open(rows)
        self.box("needs").fill(boxes.need_rows(rows.needs, now, language, tiny=tiny), empty=none)
        self.box("wards").fill(boxes.ward_rows(rows.wards, language, tiny=tiny), empty=self.word("admin.wards_empty"))
        self.box("service").fill(boxes.service_rows(rows.performance, language))
        self.box("meals").fill(
            boxes.meal_rows(rows.meals, language) if rows.meals.service else [], empty=self._no_meal()
        )
        self.box("rest").fill(boxes.rest_rows(rows.meals, language))
        self.box("devices").fill(
            boxes.device_rows(rows.devices, now, language, tiny=tiny), empty=self.word("admin.devices_empty")
        )
        self.box("money").fill(boxes.money_rows(rows.money, language))
        self.box("refused").fill(
            boxes.refused_rows(rows.refused, rows.needs, language), empty=self.word("admin.refused_none")
        )
        if not self.has_class("-narrow"):
            self.box("needs").styles.height = max(5, min(MOST_NEEDS, len(rows.needs)))
        self._show_lines()
        self.tick()

    def _ring(self, rows: Overview) -> None:
        """A stop that was not there before rings, locked or not."""
        stops = frozenset(need.id for need in rows.needs if need.kind == "stop")
        if self._stops is not None and stops - self._stops:
            self.console_app.ring(3)
        self._stops = stops

    def _none_open(self, rows: Overview) -> str:
        last = rows.last_closed
        if last is None:
            return self.word("admin.needs_nobody")
        return self.word("admin.needs_nobody_last", time=clock(last.at), who=last.by)

    def _no_meal(self) -> str:
        coming = self.rows.meals.next_service if self.rows is not None else None
        if coming is None:
            return self.word("kitchen.empty_now")
        return self.word("kitchen.empty", meal=self.word(f"meal.{coming.meal}"), time=clock(coming.opens_at))

    def _show_titles(self, rows: Overview) -> None:
        now_open = words(self.word("admin.open", count=len(rows.needs)), "flag" if rows.needs else "done")
        self._title("needs", self.word("admin.needs_a_person"), now_open)
        service = rows.meals.service
        line = ""
        if service is not None:
            line = self.word("admin.meals_line", meal=self.word(f"meal.{service.meal}"), count=rows.meals.trays)
        self._title("meals", self.word("admin.meals_now"), said=line)
        self._title("wards", self.word("admin.wards"), boxes.heads(self._columns("wards")))
        self._title("devices", self.word("admin.devices"), boxes.heads(self._columns("devices")))
        self._title("refused", self.word("admin.refused_by_reason"))

    def _title(self, box: str, name: str, right: Text | None = None, *, said: str = "") -> None:
        """The name of a box over its rows, with what belongs to it at the right."""
        left = joined(words(name, "strong"), words(f"   {said}" if said else ""))
        self.query_one(f"#{box}-title", BoxTitle).say(left, right or Text())

    def _show_lines(self) -> None:
        """What only stands there: names, the plot, what has run out."""
        rows = self.rows
        if rows is None or not self.is_mounted:
            return
        self._show_titles(rows)
        plot = boxes.plot_lines(rows.performance.given, self.console_app.now(), self.language)
        more = [Text(), *(joined(" ", line) for line in plot)]
        if rows.run_out:
            more += [Text(), words(f" {self.word('admin.runs_out')}", "strong")]
            more += [words(f"   {name}", "soon") for name in rows.run_out]
        self.query_one("#more", Lines).tell(more)

    def tick(self) -> None:
        super().tick()
        look_again(self.admin_app)
        spoken = self.console_app.mono() - self._spoke_at < SPOKEN_MS
        if self.rows is not None and not spoken and not self.is_locked:
            self._show_events()

    def say(self, text: Text | str, token: str = "") -> None:
        self._spoke_at = self.console_app.mono()
        super().say(text, token)

    def _show_events(self) -> None:
        """As many of the last events as the line holds."""
        assert self.rows is not None
        room, line = self.app.size.width - 18, ""
        for one in self.rows.events:
            said = boxes.event_words(one, self.language)
            if len(line) + len(said) + 5 > room:
                break
            line = f"{line}     {said}" if line else said
        line = line or self.word("admin.events_empty")
        shown = joined(words(line), words(f"     F8 {self.word('key.kit.events')}", "quiet"))
        super().say(shown)

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_next_box(self, step: int) -> None:
        """The next box, round to the first; where the halves do not fit side by side, the other one comes."""
        if self.is_locked:
            return self.console_app.action_show_people()
        names = [name for name in BOXES if self.box(name).keys] or ["needs"]
        here = self._box_here()
        at = names.index(here) if here in names else -step
        name = names[(at + step) % len(names)]
        self._lay_out(name)
        self.box(name).focus()
        self.call_after_refresh(self._show_lines)

    def _box_here(self) -> str:
        return str(self.focused.id) if isinstance(self.focused, AdminTable) else ""

    def _chosen(self) -> str:
        here = self._box_here()
        return self.box(here).chosen if here else ""

    def on_table_opened(self, event: Table.Opened) -> None:
        self.open_row(event.key)

    def action_open_chosen(self) -> None:
        """Enter where no box has the keys: the first thing that needs a person."""
        if self.is_locked:
            return self.console_app.action_show_people()
        self.to_the_list()
        if self._chosen():
            self.open_row(self._chosen())

    def open_row(self, key: str) -> None:
        box, _, name = key.partition(":")
        if self.rows is None:
            return
        if key in {need.key for need in self.rows.needs}:
            self.close_need(next(need for need in self.rows.needs if need.key == key))
        elif box == "meals":
            self._open_orders(group=name)
        elif box == "rest":
            self._ask_rest()
        elif box == "ward":
            from consoles.admin.screens.beds import BedsScreen

            self.app.push_screen(BedsScreen(name))
        elif box == "device":
            self.app.call_later(self.admin_app.go, "devices", chosen=name)
        elif box == "service":
            self._open_service(name)
        elif box == "money":
            from consoles.admin.screens.postings import PostingsScreen

            self.app.push_screen(PostingsScreen(due=name == "open"))
        elif box == "refused":
            self.app.call_later(self.admin_app.go, "trouble", chosen=f"outcome:{name}")

    def _open_orders(self, *, group: str = "", ids: tuple[str, ...] = (), title: str = "") -> None:
        from consoles.admin.screens.orders import OrdersScreen

        service = self.rows.meals.service if self.rows is not None else None
        service_id = service.id if service is not None and not ids else ""
        self.app.push_screen(OrdersScreen(group=group, service_id=service_id, ids=ids, title=title))

    def _open_service(self, name: str) -> None:
        assert self.rows is not None
        given = sorted(self.rows.performance.given, key=_slowest)
        late = tuple(one.order_id for one in given if not one.on_time)
        if name == "speed" and given:
            return self._open_orders(ids=tuple(one.order_id for one in given), title=self.word("admin.given_today"))
        if late:
            return self._open_orders(ids=late, title=self.word("admin.late_today"))
        self.say(self.word("admin.none_late"), "quiet")

    def action_explain(self) -> None:
        chosen = self._chosen()
        box, _, name = chosen.partition(":")
        need = next((one for one in self.rows.needs if one.key == chosen), None) if self.rows is not None else None
        if need is not None and need.order_id:
            return self.explain_order(need.order_id)
        if need is not None:
            return self.explain_need(need)
        if not box:
            return self.say(self.word("why_screen.choose_first"), "quiet")
        self.explain_figure(name if box == "service" else box)

    def action_override(self) -> None:
        need = next((one for one in self.rows.needs if one.key == self._chosen()), None) if self.rows else None
        if need is None or not need.order_id:
            return self.say(self.word("admin.override_where"), "quiet")
        self.override(need.order_id)

    async def action_export(self) -> None:
        """The box that has the keys."""
        if self.is_locked:
            return self.console_app.action_show_people()
        name = self._box_here() or "needs"
        heads, rows = self.box(name).sheet
        await self.write_out(name, heads, rows)

    def _ask_rest(self) -> None:
        """The meals that are on no step: held, stopped, cancelled, not delivered."""
        groups = ("held", "stopped", "cancelled", "not_delivered")
        choices = [Choice(self.word(f"admin.group_{group}"), group) for group in groups]
        self.choose_one(self.word("admin.meals_now"), choices, lambda group: self._open_orders(group=group))


def _slowest(one: object) -> int:
    return -int(getattr(one, "minutes", 0))
