"""The ward's console on this machine: which screen comes first, and what it rings for whatever is on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from consoles.kit.app import ConsoleApp
from consoles.kit.asking import Asking
from core.words import word

if TYPE_CHECKING:
    from consoles.kit.acting import Person
    from consoles.kit.app import Opening
    from consoles.kit.screen import ConsoleScreen
    from core.delivery.queries import Alarms
    from core.settings import Settings

RINGS_FOR = frozenset({"order", "tray", "*"})
AGAIN_MS = 30_000  # a stop that nobody has opened rings again


@dataclass(frozen=True, slots=True)
class Round:
    """A nurse has confirmed that a ward may be served by rules beyond their limit: by these rules, and no others."""

    nurse_id: str
    nurse: str
    rules_at: int


class WardApp(ConsoleApp):
    """A handheld first; `desk` opens on the ward's beds instead."""

    KIND: ClassVar[str] = "ward"
    LOCK_MINUTES: ClassVar[int] = 5
    READABLE_WHEN_LOCKED: ClassVar[bool] = False

    def __init__(
        self, opening: Opening, *, language: str = "en", look: str = "", may_leave: bool = False, desk: bool = False
    ) -> None:
        super().__init__(opening, language=language, look=look, may_leave=may_leave)
        self.is_desk = desk
        self._alarm: Asking[Alarms | None] = Asking(self._ask_alarms, self._show_alarms, self.run_worker)
        self._known_ready: frozenset[str] | None = None  # None: nothing has been heard yet, so nothing is news
        self._stopped: dict[str, str] = {}
        self._opened: set[str] = set()  # stops that somebody has looked at
        self._rung_at = 0
        self._rounds: dict[str, Round] = {}

    def first_screen(self) -> ConsoleScreen:
        if self.is_desk:
            from ward_tui.screens.desk import DeskScreen

            return DeskScreen()
        from ward_tui.screens.run import RunScreen

        return RunScreen()

    # -- ringing ------------------------------------------------------------------------------------------------------

    def _told(self, tables: tuple[str, ...]) -> None:
        super()._told(tables)
        if RINGS_FOR & set(tables):
            self._alarm.soon()

    async def _open_store(self) -> None:
        await super()._open_store()
        self._alarm.soon()

    async def _ask_alarms(self) -> Alarms | None:
        door = self.store.door
        if door is None:
            return None
        from core.delivery.queries import alarms

        return await self.store.run(lambda: door.read(lambda db: alarms(db, door.signed_in)))

    def _show_alarms(self, found: Alarms | None) -> None:
        """A tray that is ready rings once; a stop on its way three times, and again until somebody opens it."""
        if found is None:
            return
        before, self._known_ready = self._known_ready, found.ready
        fresh_stops = {order_id for order_id in found.stopped if order_id not in self._stopped}
        self._stopped = dict(found.stopped)
        self._opened &= set(found.stopped)
        if before is None:
            fresh_stops = set(found.stopped)
        unopened = fresh_stops - self._opened
        if unopened:
            self._ring_stop(len(unopened))
        elif before is not None and found.ready - before:
            self.ring(1)
            self._say("ward.ready_rings", len(found.ready))

    def _ring_stop(self, count: int) -> None:
        self._rung_at = self.mono()
        self.ring(3)
        self._say("ward.stop_rings", count)

    def _say(self, name: str, count: int) -> None:
        if self.seen is not None:
            self.seen.say(word(name, self.language, count=count), "flag" if "stop" in name else "soon")

    def tick(self) -> None:
        super().tick()
        waiting = set(self._stopped) - self._opened
        if waiting and self.mono() - self._rung_at >= AGAIN_MS:
            self._ring_stop(len(waiting))

    def stop_seen(self, order_id: str) -> None:
        """Somebody has the stopped tray's screen before them."""
        self._opened.add(order_id)

    # -- who ----------------------------------------------------------------------------------------------------------

    def _people_changed(self) -> None:
        self._rounds.clear()
        super()._people_changed()
        if self._known_ready is not None:
            self._alarm.soon()

    # -- rounds -------------------------------------------------------------------------------------------------------

    def open_round(self, ward_id: str, nurse: Person, rules_at: int) -> None:
        self._rounds[ward_id] = Round(nurse.id, nurse.display, rules_at)

    def round_for(self, ward_id: str, rules_at: int) -> Round | None:
        """The confirmation that holds on this ward, for rules of that age."""
        found = self._rounds.get(ward_id)
        return found if found is not None and found.rules_at == rules_at else None


def main(settings: Settings, *, desk: bool = False, may_leave: bool = False, plain: bool = False) -> int:
    """Opens the ward's console on this machine; the exit code. desk: on the ward's beds."""
    from consoles.kit.launch import console_on

    app: Any = console_on(WardApp, settings, may_leave=may_leave, plain=plain)
    app.is_desk = desk
    app.run()
    return app.return_code or 0
