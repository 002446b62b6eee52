"""A console: opens its store behind the first frame, knows who acts, tells its screens what has changed."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.events import Event, Key, MouseDown

from consoles.kit.acting import Acting
from consoles.kit.asking import Asking
from consoles.kit.bounces import Bounces
from consoles.kit.everywhere import Everywhere
from consoles.kit.mended import mend_library
from consoles.kit.scan import ScanRouter
from consoles.kit.screen import ConsoleScreen
from consoles.kit.status import Chip, chips
from consoles.kit.store_thread import StoreThread
from consoles.kit.theme import look_for, look_named
from core.kernel.refusal import Refusal

if TYPE_CHECKING:
    from sync.client.door import Door
    from sync.client.loop import OnChange
    from sync.client.standing import Standing

STANDING_MS = 2_000  # how often the store is asked how it stands while nothing changes
bugs = logging.getLogger("dusangire.screen")
Opening = Callable[["OnChange"], "Door"]  # runs in the store's thread


class ConsoleApp(Everywhere, App[None]):
    """Subclasses say what kind of console they are, and which screen comes first.

    opening: gives the door. may_leave: Esc on the first screen ends the console, for the launcher.
    """

    KIND: ClassVar[str] = ""
    LOCK_MINUTES: ClassVar[int] = 2  # without an act of that person
    READABLE_WHEN_LOCKED: ClassVar[bool] = True
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False  # ours lists our own registry
    BINDINGS = Everywhere.BINDINGS  # the library looks for them in its own classes alone

    def __init__(self, opening: Opening, *, language: str = "en", look: str = "", may_leave: bool = False) -> None:
        super().__init__()
        mend_library()
        self.opening, self.language, self.may_leave = opening, language, may_leave
        self.look = look_named(look) if look else look_for(os.environ)
        self.first_look()
        self.store = StoreThread()
        self.acting = Acting(minutes=self.LOCK_MINUTES)
        self.scans, self.bounces = ScanRouter(self), Bounces(self)
        self.standing: Standing | None = None
        self.enrolling: Callable[[str, str, str], str] | None = None  # set by `launch`, which knows the machine
        self.server_url = ""
        self.rings = self.touched_at = 0  # touched_at: the last key or finger, by the steady clock
        self.animation_level = "none"
        self.people_wanted = False  # F10 was pressed before the store was open
        self._instant = (0, 0)  # the centre's, at this reading of the steady clock
        self._standing = Asking(self._ask_standing, self._show_standing, self.run_worker)

    def first_screen(self) -> ConsoleScreen:
        raise NotImplementedError

    async def on_mount(self) -> None:
        self._own_loop = asyncio.get_running_loop()
        self.theme = self.look.name  # the terminal's own colours are switched on by this
        await self.push_screen(self.first_screen())
        self.set_interval(1.0, self.tick)
        self.call_after_refresh(self.open_store)

    async def on_unmount(self) -> None:
        await self.store.close()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key | MouseDown):
            self.touched_at = self.mono()
        # a key comes by a second time, forwarded, on its way to the bindings: that one is neither scan nor bounce
        if isinstance(event, Key) and not event.is_forwarded and (self.scans.takes(event) or self.bounces.takes(event)):
            return
        await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        """A screen that breaks ends its program; that it did is noted in its store first, and told to the server."""
        bugs.error("a screen stumbled", exc_info=error)
        super()._handle_exception(error)

    # -- the store ----------------------------------------------------------------------------------------------------

    def open_store(self) -> None:
        self.run_worker(self._open_store(), exclusive=True, group="open")

    async def _open_store(self) -> None:
        try:
            await self.store.open(lambda: self.opening(self.note))
        except Refusal as refusal:
            from consoles.kit.not_opened import show_trouble

            return show_trouble(self, refusal)
        await self._standing.now()
        if self.seen is not None:
            self.seen.ask_soon()
        if self.people_wanted:
            self.people_wanted = False
            self.action_show_people()

    def note(self, tables: tuple[str, ...]) -> None:
        """From any thread: these tables have changed."""
        if not self._own_loop.is_closed():
            self._own_loop.call_soon_threadsafe(self._told, tables)

    def _told(self, tables: tuple[str, ...]) -> None:
        if self.seen is not None:
            self.seen.told(tables)  # first: the store answers one question after the other
        self._standing.soon()

    @property
    def seen(self) -> ConsoleScreen | None:
        """The screen of a console that is seen, under whatever dialog lies over it."""
        stack = reversed(self.screen_stack) if self.is_running else ()
        return next((screen for screen in stack if isinstance(screen, ConsoleScreen)), None)

    # -- time and standing --------------------------------------------------------------------------------------------

    async def _ask_standing(self) -> tuple[Standing, int, int] | None:
        door = self.store.door
        return await self.store.run(lambda: (door.standing(), door.now(), door.clock.now().mono)) if door else None

    def _show_standing(self, found: tuple[Standing, int, int] | None) -> None:
        if found is not None:
            self.standing, self._instant = found[0], found[1:]
            self.tick()

    def tick(self) -> None:
        """Once a second: ages, the lock, what the chip says."""
        if self.store.door is not None:
            if self.acting.lock_if_idle(self.mono()):
                self.sign_out()
            if self.mono() - self._instant[1] >= STANDING_MS:
                self._standing.soon()
        if self.seen is not None:
            self.seen.tick()

    def mono(self) -> int:
        return self.store.door.clock.now().mono if self.store.door is not None else 0

    def now(self) -> int:
        """The centre's instant as this console estimates it, ms UTC; 0 while the store is not open."""
        return self._instant[0] + self.mono() - self._instant[1] if self._instant[0] else 0

    def chips(self) -> tuple[Chip, ...]:
        locked, size = self.acting.person is None, self.size
        return chips(self.standing, now=self.now(), locked=locked, language=self.language, width=size.width)
