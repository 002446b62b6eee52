"""What every screen of the ward has: a drawn panel, scans from anywhere, and nothing to read while it is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Key

from consoles.kit.dialogs import TypeScreen
from consoles.kit.keybar import key
from consoles.kit.lines import Line
from consoles.kit.scan import Scanned
from consoles.kit.screen import ConsoleScreen
from consoles.kit.status import TopLine
from consoles.kit.text import width_of, words
from consoles.kit.undo import UNDO_MS, Undo
from core.kernel.refusal import Refusal
from core.words import refusal_words, word
from ward_tui.drawing import Drawing, Panel
from ward_tui.judging import Instant, instant
from ward_tui.scanning import Found, found

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from consoles.kit.dialogs import Choice
    from core.kernel.message import Command
    from ward_tui.app import WardApp

SMALL = 60  # columns: below, a screen is a handheld's


@dataclass(frozen=True, slots=True)
class Deed:
    """One of several acts of one press: what it is called, and what takes it back."""

    command: Command
    act: str
    back: Command | None = None


class WardScreen(ConsoleScreen):
    """Subclasses give `drawing`. `rows` is what was asked last, None before the first answer."""

    HIDES_ITSELF: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [key("slash", "type_number", "ward.type_number")]

    def __init__(self) -> None:
        super().__init__()
        self.rows: Any = None
        self.pressed_at = 0  # by the steady clock: the last key
        self._several: tuple[tuple[Command, ...], int] = ((), 0)  # what takes several acts back, until when

    # -- what a screen is ---------------------------------------------------------------------------------------------

    def drawing(self, width: int, height: int) -> Drawing:
        """What stands in the panel. Asked only while somebody is signed in and the store has answered."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        yield Panel(id="panel")

    def show(self, rows: Any) -> None:
        self.rows = rows
        self._show_top()
        self.paint()

    def tick(self) -> None:
        super().tick()
        self.paint()

    def _show_top(self) -> None:
        """A screen that is opening or closing has no top line to write on."""
        if self.query(TopLine):
            super()._show_top()

    def person_changed(self) -> None:
        super().person_changed()
        self.ask_soon()

    def _show_message(self) -> None:
        """On a handheld what was said keeps its words, and the undo beside it gets fewer."""
        if not self.HAS_MESSAGES or not self.query("#message"):
            return
        super()._show_message()
        undo = self._undo
        left = undo.seconds_left(self.console_app.mono()) if undo is not None else 0
        long = self.word("undo.left", seconds=left)
        if left and width_of(self._said) + width_of(long) + 1 > self.app.size.width:
            short = words(self.word("ward.undo_left", seconds=left), "soon")
            self.query_one("#message", Line).say(self._said, short)

    # -- drawing ------------------------------------------------------------------------------------------------------

    @property
    def ward_app(self) -> WardApp:
        return cast("WardApp", self.app)

    @property
    def is_locked(self) -> bool:
        """A handheld is personal: locked, it hides patients, and rings all the same."""
        return self.console_app.acting.person is None

    @property
    def who(self) -> str:
        person = self.console_app.acting.person
        return person.display if person is not None else ""

    def paint(self) -> None:
        panel = next(iter(self.query("#panel").results(Panel)), None)
        if panel is None:
            return
        width, height = panel.size.width, panel.size.height
        if not width or not height:
            return
        panel.put(self._hidden(width, height) or self.drawing(width, height))

    def _hidden(self, width: int, height: int) -> Drawing | None:
        """What stands there instead of patients."""
        opening = self.console_app.store.door is None
        if not opening and not self.is_locked and self.rows is not None:
            return None
        drawing = Drawing(width)
        drawing.space(max(0, height // 2 - 2))
        told = "opening.store" if opening or not self.is_locked else "ward.locked"
        drawing.text(self.word(told), look="quiet")
        if not opening and self.is_locked:
            drawing.space()
            drawing.button(self.word("ward.locked_button"), "app.show_people", centred=True)
        return drawing

    def lead(self, left: str, *more: str) -> tuple[list[Text], list[Text]]:
        """The top line: where am I, what with."""
        return ([words(left, "strong"), *(words(one) for one in more if one)], [])

    def on_key(self, event: Key) -> None:
        self.pressed_at = self.console_app.mono()

    def now(self, db: Connection) -> Instant:
        """In the store's thread: this instant, and how old the rules are."""
        door = self.console_app.store.door
        assert door is not None, "asked without a store"
        return instant(db, door.clock.now())

    def me(self) -> str:
        """The person who is signed in, "" while it is locked."""
        door = self.console_app.store.door
        return door.signed_in if door is not None else ""

    # -- several acts of one press ------------------------------------------------------------------------------------

    async def perform_each(self, deeds: Sequence[Deed], *, said: str) -> list[tuple[Deed, Refusal]]:
        """Saves each act by itself; those that a rule refuses are given back. One `u` takes all the others back."""
        app = self.console_app
        door = app.store.door
        if door is None:
            return []

        def pressed_each() -> tuple[list[Deed], list[tuple[Deed, Refusal]], Any]:
            done: list[Deed] = []
            refused: list[tuple[Deed, Refusal]] = []
            for deed in deeds:
                try:
                    door.perform(deed.command)
                    done.append(deed)
                except Refusal as refusal:
                    refused.append((deed, refusal))
            return done, refused, door.read(self.ask)

        done, refused, rows = await app.store.run(pressed_each)
        app.acting.acted(app.mono())
        self.performed += [deed.command for deed in done]
        backs = tuple(deed.back for deed in done if deed.back is not None)
        self._several = (backs, app.mono() + UNDO_MS)
        self._undo = Undo(backs[0], said, self._several[1]) if backs else None
        if done:
            self.say(said)
        self._show_rows(rows)
        return refused

    async def action_undo(self) -> None:
        backs, until = self._several
        if len(backs) < 2 or until <= self.console_app.mono():
            return await super().action_undo()
        self._several, self._undo = ((), 0), None
        deeds = [Deed(command, "") for command in backs]
        await self.perform_each(deeds, said=self.word("ward.taken_back_all", count=len(deeds)))
        self._several, self._undo = ((), 0), None

    def hand_on(self, to: WardScreen) -> None:
        """What was said and can be undone goes along when this screen closes over its act."""
        to._said, to._undo, to._several = self._said, self._undo, self._several
        to.performed += self.performed
        to._show_message()

    def leave(self) -> None:
        """Back to the list at its next stop, with what was said and what can be undone."""
        if self.app.screen is self:
            self.app.pop_screen()
        below = self.app.screen
        if isinstance(below, WardScreen):
            self.hand_on(below)

    # -- scans --------------------------------------------------------------------------------------------------------

    def on_scanned(self, event: Scanned) -> None:
        """A burst that made no sense is told by the kit; all else is looked up."""
        if event.code:
            event.prevent_default()
            self.run_worker(self._scan(event.code), group="scan", exclusive=True)

    async def _scan(self, code: str) -> None:
        app = self.ward_app
        if app.store.door is None:
            return self.say(self.word("chip.opening"))
        await self.scanned(await app.store.run(app.store.door.read, lambda db: found(db, code)))

    async def scanned(self, scan: Found) -> None:
        """A scan from any screen lands at the bedside. Screens with a use of their own for it say so first."""
        if scan.kind == "unknown":
            return self.refuse("unknown_scan", {"code": scan.code})
        if not scan.order_id:
            return self.refuse("no_tray_for_wristband")
        self.close_dialogs()
        from ward_tui.screens.bedside import BedsideScreen

        self.app.push_screen(BedsideScreen(scan.order_id, scan=scan))

    def below(self) -> Any:
        """The screen under this one."""
        stack = self.app.screen_stack
        at = stack.index(self) if self in stack else 0
        return stack[at - 1] if at else None

    def close_dialogs(self) -> None:
        """A scan answers whatever box was open over this screen."""
        while self.app.screen is not self and self in self.app.screen_stack:
            self.app.pop_screen()

    def refuse(self, code: str, detail: Mapping[str, str | int] | None = None) -> None:
        """A key or a scan that can do nothing here: what happened and what to do, aloud."""
        self.console_app.ring(1)
        said = refusal_words(code, detail, self.language)
        self.say(f"{said.what} {said.next}", "soon")

    def action_type_number(self) -> None:
        """The label is damaged, or there is no scanner: the number on it is typed."""
        title, hint = self.word("ward.type_number"), self.word("ward.type_number_hint")
        self.app.push_screen(TypeScreen(title, hint=hint, most=12), self._typed)

    def _typed(self, number: str | None) -> None:
        if number:
            self.run_worker(self._scan(number), group="scan", exclusive=True)

    # -- nurses -------------------------------------------------------------------------------------------------------

    async def ask_nurse(self, act: str, ward_id: str) -> Any:
        """A nurse of that ward with their PIN, for this one act; None when they went back. In a worker of `people`."""
        from consoles.kit.sign_in import SignInScreen, WhoScreen
        from ward_tui.people import nurses_here

        app = self.ward_app
        door = app.store.door
        if door is None:
            return None
        nurses = await app.store.run(nurses_here, door, ward_id)
        title = self.word("ward.nurse_which")
        chosen = await app.push_screen_wait(WhoScreen(nurses, act=act or title, locks=False, language=app.language))
        if chosen is None or isinstance(chosen, str):
            return None
        return await SignInScreen.ask(app, act=act, only_once=True, person=chosen)

    def told_in_words(self, refusal: Refusal) -> str:
        said = refusal_words(refusal.code, refusal.detail, self.language)
        return f"{said.what} {said.next}"

    def choice(self, label: str, value: Any, detail: str = "") -> Choice:
        from consoles.kit.dialogs import Choice

        return Choice(label, value, detail)

    def bed_word(self, bed: str) -> str:
        return bed or word("ward.without_bed", self.language)
