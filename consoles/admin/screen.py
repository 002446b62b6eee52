"""What every screen of the administrator has: where one is among the nine, finding, events, and a list to write out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from consoles.admin.app import PLACES
from consoles.admin.lists import AdminTable
from consoles.kit.dialogs import Choice, ChooseScreen, TypeScreen
from consoles.kit.keybar import digits, key
from consoles.kit.lines import Line, Rule
from consoles.kit.screen import ConsoleScreen
from consoles.kit.table import Column, Table, TableRow
from consoles.kit.text import joined, words
from core.words import clock, day

if TYPE_CHECKING:
    from consoles.admin.app import AdminApp
    from core.reports.finding import Found


NARROW_LIST = 100


class AdminScreen(ConsoleScreen):
    """Subclasses give `inside`; PLACE is where they belong among the nine."""

    PLACE: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *digits("go", "admin.screens"),
        key("slash", "find", "admin.find"),
        key("f8", "events", "kit.events"),
    ]
    DEFAULT_CSS = "AdminScreen #inside { height: 1fr; }"

    # -- what a screen is ---------------------------------------------------------------------------------------------

    def inside(self) -> ComposeResult:
        """What stands between the nine screens' names and the message line."""
        yield from ()

    def place_words(self) -> Sequence[Text | str]:
        """What the top line says of this screen."""
        return [self.word(f"admin.{self.PLACE}")]

    def body(self) -> ComposeResult:
        yield Line(id="tabs")
        yield Rule()
        with Vertical(id="inside"):
            yield from self.inside()
        yield Rule(id="last-rule")

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        app, now = self.console_app, self.console_app.now()
        left: list[Text | str] = [self.word("admin.title"), *self.place_words()]
        if now:
            left.append(words(day(now, self.language)))
        person, age = app.acting.person, self.rules_age
        between = [words(person.display)] if person is not None else []
        if age is not None and now:
            between.append(words(self.word("admin.rules_of", time=clock(now - age)), "quiet"))
        return left, between

    # -- drawing ------------------------------------------------------------------------------------------------------

    @property
    def admin_app(self) -> AdminApp:
        return cast("AdminApp", self.app)

    @property
    def is_locked(self) -> bool:
        return self.console_app.acting.person is None

    def on_mount(self) -> None:
        self._show_frame()
        super().on_mount()
        self.to_the_list()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._show_frame()

    def person_changed(self) -> None:
        super().person_changed()
        self._show_frame()
        self.to_the_list()
        self.ask_soon()

    def restyled(self) -> None:
        self._show_frame()
        super().restyled()
        self.ask_soon()

    def to_the_list(self) -> None:
        """The first list takes the keys, so that arrows and Enter work at once."""
        tables = list(self.query(AdminTable))
        if tables and not self.is_locked and self.focused not in tables:
            tables[0].focus()

    def _show_frame(self) -> None:
        self.query_one("#tabs", Line).say(self._tabs())

    def _tabs(self) -> Text:
        wide = self.app.size.width >= 100
        parts: list[Text | str] = []
        for number, place in PLACES.items():
            here = place == self.PLACE
            name = self.word(f"key.admin.{place}")
            parts.append(words(f"{'>' if here else ' '}{number} {name}", "strong" if here else ""))
            parts.append("  " if wide else " ")
        return joined(*parts)

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_go(self, number: int) -> None:
        place = PLACES.get(number)
        if self.is_locked:
            return self.say(self.word("sign_in.locked_personal"), "quiet")
        if place is None:
            return self.say(self.word("admin.not_there", number=number), "quiet")
        if place != self.PLACE or len(self.app.screen_stack) > 3:
            self.app.call_later(self.admin_app.go, place)

    def action_find(self) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        screen = TypeScreen(self.word("key.admin.find_wide"), hint=self.word("admin.find_hint"), most=40)
        self.app.push_screen(screen, self._find)

    def _find(self, text: str | None) -> None:
        if text:
            self.run_worker(self._show_found(text), group="find", exclusive=True)

    async def _show_found(self, text: str) -> None:
        from core.reports.finding import find

        door = self.console_app.store.door
        if door is None:
            return
        found = await self.console_app.store.run(door.read, lambda db: find(db, text))
        choices = [Choice(f"{self.word(f'admin.found_{one.kind}')}  {one.name}", one, self._told(one)) for one in found]
        none = [] if found else [self.word("dialog.found_none", text=text)]
        screen = ChooseScreen(self.word("admin.found", text=text), choices, text=none)
        self.app.push_screen(screen, self._open_found)

    def _told(self, one: Found) -> str:
        if one.kind == "order":
            return f"{one.within}  {self.word(f'order_state.{one.detail}')}"
        if one.kind == "bed":
            return self.word(f"bed_state.{one.detail}")
        return self.word(f"device_kind.{one.detail}") if one.kind == "device" else one.detail

    def _open_found(self, one: Found | None) -> None:
        if one is not None:
            self.app.call_later(self._go_to, one)

    async def _go_to(self, one: Found) -> None:
        if one.kind == "order":
            await self.admin_app.go("orders")
            from consoles.admin.screens.order import OrderScreen

            await self.app.push_screen(OrderScreen(one.id))
        elif one.kind in ("ward", "bed"):
            await self.admin_app.go("wards", chosen=one.within or one.id)
            if one.kind == "bed":
                from consoles.admin.screens.beds import BedsScreen

                await self.app.push_screen(BedsScreen(one.within, chosen=one.id))
        else:
            await self.admin_app.go("people" if one.kind == "person" else "devices", chosen=one.id)

    def action_events(self) -> None:
        from consoles.admin.screens.events import EventsScreen

        if self.is_locked:
            return self.console_app.action_show_people()
        if not isinstance(self, EventsScreen):
            self.app.push_screen(EventsScreen())

    async def write_out(self, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A list as it is shown, to a file for spreadsheets; says where it lies."""
        if self.is_locked:
            return self.console_app.action_show_people()
        from consoles.admin.export import write_sheet

        folder, now = self.admin_app.data_folder, self.console_app.now()
        try:
            path = await self.console_app.store.run(write_sheet, folder, name, now, heads, rows)
        except OSError:
            return self.say(self.word("admin.export_failed", folder=str(folder)), "soon")
        self.say(self.word("admin.exported", file=str(path)))

    def choose_one(self, title: str, choices: Sequence[Choice], then: Any, *, text: Sequence[Text | str] = ()) -> None:
        """A question with numbered answers; nothing happens when it is left."""

        def taken(chosen: Any) -> None:
            if chosen is not None:
                then(chosen)

        self.app.push_screen(ChooseScreen(title, choices, text=text), taken)


class ListScreen(AdminScreen):
    """One list with a line above it. Enter opens, `x` writes what is shown to a file."""

    EMPTY: ClassVar[str] = "screen.nothing_here"
    NUMBERED: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "open_chosen", "admin.open"),
        key("x", "export", "admin.export"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.open kit.back | kit.help",),
        60: ("admin.open admin.export admin.find kit.back kit.sync kit.who | kit.help",),
    }

    def __init__(self, *, chosen: str = "") -> None:
        super().__init__()
        self._wanted = chosen  # the row that was asked for, until it is there

    def columns(self) -> Sequence[Column]:
        raise NotImplementedError

    def head(self) -> tuple[Text | str, Text | str]:
        """The line above the list."""
        return ("", "")

    def open_row(self, key: str) -> None:
        """Enter, or a finger, on a row."""

    def inside(self) -> ComposeResult:
        yield Line(id="head")
        yield AdminTable(self.columns(), id="list", numbered=self.NUMBERED)

    @property
    def is_narrow(self) -> bool:
        """Fewer columns than a desk has: lists take less room for what is told elsewhere as well."""
        return self.app.size.width < NARROW_LIST

    def on_resize(self) -> None:
        self.table.rename(self.columns())
        super().on_resize()

    @property
    def table(self) -> AdminTable:
        return self.query_one("#list", AdminTable)

    def fill(self, rows: Sequence[TableRow], *, empty: str | None = None) -> None:
        self.table.fill(rows, empty=empty or self.word(self.EMPTY))
        if self._wanted and self.table.choose(self._wanted):
            self._wanted = ""
        self._show_head()

    def _show_head(self) -> None:
        self.query_one("#head", Line).say(*self.head())

    def restyled(self) -> None:
        self.table.rename(self.columns())
        super().restyled()

    def on_table_opened(self, event: Table.Opened) -> None:
        self.open_row(event.key)

    def action_open_chosen(self) -> None:
        """Enter while the list has not got the keys."""
        if self.is_locked:
            return self.console_app.action_show_people()
        if self.table.chosen:
            self.open_row(self.table.chosen)

    async def action_export(self) -> None:
        await self.write_out(self.PLACE, *self.table.sheet)
