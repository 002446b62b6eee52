"""A screen of a console: asks in the store's thread, shows on the loop, and saves what a person presses at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from consoles.kit.asking import Asking
from consoles.kit.keybar import KeyBar, Known, key, registry
from consoles.kit.lines import Line, Lines
from consoles.kit.scan import Scanned
from consoles.kit.status import HOUR_MS, TopLine
from consoles.kit.text import joined, words, wrapped
from consoles.kit.undo import Undo, offered
from core.kernel.refusal import Refusal
from core.words import clock, refusal_words, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from consoles.kit.app import ConsoleApp
    from consoles.kit.dialogs import Choice
    from core.kernel.message import Command
    from sync.client.desk import Pressed

Then = Callable[["Pressed"], None]
SMALLEST = (40, 12)  # columns and rows


@dataclass(frozen=True, slots=True)
class _Press:
    """One act that a person wants, from the key until it is saved."""

    command: Command
    act: str
    said: str
    back: Command | None
    then: Then | None
    expect: int
    signed: bool


class ConsoleScreen(Screen[Any]):
    """Subclasses give `ask`, `show`, `body`, their BINDINGS and the BAR of them that is always seen.

    WATCHES: tables whose change makes it ask again. BAR: from so many columns on, rows of binding ids; what stands
    behind a `|` is at the right. HELP: the key of its words in `help`.
    """

    WATCHES: ClassVar[tuple[str, ...]] = ()
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {}
    HELP_WORDS: ClassVar[str] = ""
    HAS_MESSAGES: ClassVar[bool] = True
    HIDES_ITSELF: ClassVar[bool] = False  # draws something of its own while a personal console is locked
    DEBOUNCED_MS: ClassVar[Mapping[str, int]] = {"enter": 300, "u": 300}  # the same key sooner than this is an echo
    ALLOW_SELECT = False
    AUTO_FOCUS = ""  # nothing takes the keys before somebody goes to it
    BINDINGS: ClassVar[list[BindingType]] = [
        key("escape", "step_back", "kit.back"),
        key("u", "undo", "kit.undo"),
    ]
    DEFAULT_CSS = """
    ConsoleScreen { layout: vertical; overflow: hidden; }
    ConsoleScreen > #cover { display: none; }
    ConsoleScreen.-covered > * { display: none; }
    ConsoleScreen.-covered > #cover { display: block; }
    ConsoleScreen.-covered > TopLine, ConsoleScreen.-covered > #foot { display: block; }
    ConsoleScreen.-too-small > TopLine, ConsoleScreen.-too-small > #foot { display: none; }
    ConsoleScreen #foot { dock: bottom; height: auto; layout: vertical; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._asking: Asking[Any] = Asking(self._ask_in_thread, self._show_rows, self.run_worker)
        self._undo: Undo | None = None
        self._said: Text = Text()
        self._told_while_pressing = -1  # -1: nobody is pressing
        self.performed: list[Command] = []  # what was pressed here and saved, in sequence

    # -- what a screen is ---------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> Any:
        """In the store's thread, on one consistent state: pure, no widget."""
        return None

    def show(self, rows: Any) -> None:
        """On the loop: widgets, no store."""

    def body(self) -> ComposeResult:
        """What stands between the top line and the message line."""
        yield from ()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        """The top line: where am I, and what gives way to the chip when room is short."""
        return ((), ())

    def tick(self) -> None:
        """Once a second: what ages."""
        self._show_top()
        self._show_message()

    # -- built in -----------------------------------------------------------------------------------------------------

    @property
    def console_app(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    @property
    def language(self) -> str:
        return self.console_app.language

    @property
    def rules_age(self) -> int | None:
        """How old this console's knowledge of diets is, ms; None: it has none."""
        standing = self.console_app.standing
        return standing.rules_age_ms if standing is not None else None

    def no_rows(self, usual: str) -> str:
        """What an empty list says: as usual, or that this console was too long without its server and holds none."""
        standing = self.console_app.standing
        if standing is None or standing.lent_ms != 0:
            return usual
        return self.word("lease.ended", hours=(standing.silent_ms or 0) // HOUR_MS)

    def word(self, name: str, /, **arguments: str | int) -> str:
        """Words of this console, in the language that is on."""
        return word(name, self.language, **arguments)

    def compose(self) -> ComposeResult:
        from textual.containers import Vertical

        yield Lines([Text()], id="cover")
        yield TopLine()
        yield from self.body()
        with Vertical(id="foot"):
            if self.HAS_MESSAGES:
                yield Line(id="message")
            yield KeyBar(self.BAR, self.known_keys())

    def known_keys(self) -> dict[str, Known]:
        """Its own keys and those of every console: what bar, help and palette show."""
        rows: list[BindingType] = []
        for owner in type(self).__mro__:  # its own first
            rows += owner.__dict__.get("BINDINGS", []) if issubclass(owner, ConsoleScreen) else []
        return registry([*rows, *self.console_app.BINDINGS])

    def on_mount(self) -> None:
        self.tick()

    def on_screen_resume(self) -> None:
        self.ask_soon()
        self.tick()

    def on_resize(self) -> None:
        self._lay_cover()
        self.tick()

    def _lay_cover(self) -> None:
        """What lies over everything: a screen too small to be read, or a personal console that nobody may read now."""
        if not self.query("#cover"):
            return
        width, height = self.app.size
        too_small = width < SMALLEST[0] or height < SMALLEST[1]
        said = self.word("dialog.too_small", columns=SMALLEST[0], rows=SMALLEST[1]) if too_small else ""
        if not said and self.is_hidden:
            said = self.word("sign_in.locked_personal")
        self.set_class(bool(said), "-covered")
        self.set_class(too_small, "-too-small")
        self.query_one("#cover", Lines).tell([words(line) for line in wrapped(said, max(1, width))])

    @property
    def is_hidden(self) -> bool:
        """Personal consoles hide patients while nobody is signed in; a wall never does."""
        app = self.console_app
        return app.acting.person is None and not app.READABLE_WHEN_LOCKED and not self.HIDES_ITSELF

    def restyled(self) -> None:
        """Another language or look: everything is drawn again."""
        self.tick()

    def person_changed(self) -> None:
        self._said = Text()
        self._lay_cover()
        self.tick()

    def _show_top(self) -> None:
        if not self.query(TopLine):  # opening or closing
            return
        line = self.query_one(TopLine)
        line.say(*(([self.word(f"screen.{self.console_app.KIND}")], ()) if self.is_hidden else self.top()))
        line.chip(self.console_app.chips()[0])

    # -- asking -------------------------------------------------------------------------------------------------------

    def told(self, tables: tuple[str, ...]) -> None:
        """These tables have changed."""
        if not self._concerned_by(tables):
            return
        if self._told_while_pressing >= 0:
            self._told_while_pressing += 1
        else:
            self.ask_soon()

    def _concerned_by(self, tables: tuple[str, ...]) -> bool:
        return "*" in tables or not set(tables).isdisjoint(self.WATCHES)

    def ask_soon(self) -> None:
        if self.is_mounted and self.console_app.store.door is not None:
            self._asking.soon()

    async def _ask_in_thread(self) -> Any:
        door = self.console_app.store.door
        return await self.console_app.store.run(door.read, self.ask) if door is not None else None

    def _show_rows(self, rows: Any) -> None:
        if rows is not None and self.is_mounted:
            self.show(rows)

    # -- acting -------------------------------------------------------------------------------------------------------

    async def perform(
        self,
        command: Command,
        *,
        act: str,
        back: Command | None = None,
        said: str = "",
        then: Then | None = None,
        again: bool = False,
        signed: bool = False,
        expect: int = 0,
    ) -> None:
        """Saves an act and paints what it did. Nobody signed in: the pad opens over it, and it happens after the PIN.

        act: what the pad and the refusal call it, "START L-0412". said: for the message line once it is saved.
        back: the act that takes it back, offered for ten seconds. again: an act that always asks who.
        signed: who and when stand behind what is said.
        """
        press = _Press(command, act, said or act, back, then, expect, signed=signed)
        if again or self.console_app.acting.person is None:
            self.run_worker(self._press_after_pin(press, only_once=again), group="people")
        else:
            await self._press(press)

    async def _press_after_pin(self, press: _Press, *, only_once: bool) -> None:
        from consoles.kit.sign_in import SignInScreen

        person = await SignInScreen.ask(self.console_app, act=press.act, only_once=only_once)
        if person is not None:
            await self._press(press, person.id if only_once else "")

    async def _press(self, press: _Press, who: str = "") -> None:
        app = self.console_app
        door = app.store.door
        if door is None:
            return self.say(self.word("chip.opening"))
        self._told_while_pressing = 0

        def pressed_and_asked() -> tuple[Pressed, Any]:
            pressed = door.perform_as(who or door.signed_in, press.command, expect=press.expect)
            return pressed, door.read(self.ask)

        try:
            pressed, rows = await app.store.run(pressed_and_asked)
        except Refusal as refusal:
            self.ask_soon()  # what speaks against it may not be on the screen yet
            return self.refused(refusal, press.command, press.act)
        finally:
            told, self._told_while_pressing = self._told_while_pressing, -1
        app.acting.acted(app.mono())
        self.performed.append(press.command)
        self._undo = offered(press.back, press.act, app.mono()) if press.back is not None else None
        self._say_saved(press, pressed)
        self._show_rows(rows)
        if told > self._concerned_by(pressed.tables):  # of something else as well
            self.ask_soon()
        if press.then is not None:
            press.then(pressed)

    def _say_saved(self, press: _Press, pressed: Pressed) -> None:
        if pressed.needs_server:
            return self.say(joined(words(press.act), "   ", words(self.word("act.needs_server"), "soon")))
        person = self.console_app.acting.person
        behind = f"  {person.display if person else ''}, {clock(self.console_app.now())}" if press.signed else ""
        self.say(press.said + behind)

    def refused(self, refusal: Refusal, command: Command | None, act: str) -> None:
        """Says it in three parts, with a way to tell the truth all the same."""
        from consoles.kit.dialogs import RefusedScreen

        app = self.console_app
        if refusal.code in ("nobody_signed_in", "grant_expired"):
            app.sign_out()
        app.ring()
        truths = self.truths(refusal, command)
        said = refusal_words(refusal.code, refusal.detail, self.language)
        app.push_screen(RefusedScreen(act, said, truths, self.language), self._tell_truth)

    def truths(self, refusal: Refusal, command: Command | None) -> Sequence[Choice]:
        """Ways to report what has already happened, for this refusal: a choice's value is called when it is taken."""
        return ()

    def _tell_truth(self, chosen: Any) -> None:
        if callable(chosen):
            chosen()

    async def action_undo(self) -> None:
        undo = self._undo
        if undo is None or not undo.seconds_left(self.console_app.mono()):
            return self.say(self.word("undo.nothing"))
        self._undo = None
        await self.perform(
            undo.command, act=self.word("undo.act", act=undo.act), said=self.word("undo.done", act=undo.act)
        )

    @property
    def can_undo(self) -> bool:
        return self._undo is not None and self._undo.seconds_left(self.console_app.mono()) > 0

    # -- the message line ---------------------------------------------------------------------------------------------

    def say(self, text: Text | str, token: str = "") -> None:
        """One line of what has just happened, or why a key did nothing."""
        self._said = text if isinstance(text, Text) else words(text, token)
        self._show_message()

    @property
    def said(self) -> str:
        return self._said.plain

    def _show_message(self) -> None:
        if not self.HAS_MESSAGES or not self.query("#message"):
            return
        left = self._undo.seconds_left(self.console_app.mono()) if self._undo is not None else 0
        right = words(self.word("undo.left", seconds=left), "soon") if left else Text()
        self.query_one("#message", Line).say(self._said, right)

    # -- ways out -----------------------------------------------------------------------------------------------------

    def action_step_back(self) -> None:
        """One step back, never out; from the first screen only to the launcher, where there is one."""
        if len([screen for screen in self.app.screen_stack if isinstance(screen, ConsoleScreen)]) > 1:
            self.app.pop_screen()
        elif self.console_app.may_leave:
            self.app.exit()

    def on_scanned(self, event: Scanned) -> None:
        """A scan that no screen wanted, or that made no sense, is told loudly."""
        self.console_app.ring(1 if event.code else 3)
        self.say(self.word("scan.unknown", code=event.code) if event.code else self.word("scan.broken"), "soon")
