"""The launcher of the demo: opens consoles, makes things happen, and shows what became of them (screens.md §11)."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import webbrowser
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from admin_cli.demo import LEAVING
from admin_cli.demo.board import KEYS, Shown, rows
from admin_cli.demo.hospital import prepare
from admin_cli.demo.stage import CONSOLES, Stage, has_tmux
from admin_cli.demo.tour import VISITOR, Sight, Tour
from consoles.kit.dialogs import TellScreen
from consoles.kit.lines import Lines
from consoles.kit.text import guard_terminal, joined, words
from consoles.kit.theme import LOOKS, look_for
from core.settings import load
from core.store.demo.story import size
from core.words import has, word

KIGALI_MS = 2 * 3_600_000  # the demo hospital's zone
TICK_SECONDS = 0.25
ALL_COLUMNS, ALL_ROWS = 160, 50
HELP = (*KEYS, ("o", "browser"), ("Enter", "agree"), ("Space", "skip"), ("Esc", "disagree"))


class Launcher(App[None]):
    """One screen of 24 rows."""

    CSS = "Screen { background: $background; } Lines { height: 24; width: 80; }"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(place), f"open({place - 1})", show=False) for place in range(1, len(CONSOLES) + 1)),
        Binding("x", "network", show=False),
        Binding("k", "server", show=False),
        Binding("b", "busy", show=False),
        Binding("t", "tour", show=False),
        Binding("w", "wifi", show=False),
        Binding("a", "all", show=False),
        Binding("o", "browser", show=False),
        Binding("enter", "agree", show=False),
        Binding("space", "skip", show=False),
        Binding("question_mark,f1", "help", show=False),
        Binding("q,ctrl+c", "leave", show=False),
        Binding("escape", "disagree", show=False),
    ]

    def __init__(self, stage: Stage, *, language: str = "en") -> None:
        super().__init__()
        guard_terminal()
        self.stage, self.language = stage, language
        self.look = look_for(os.environ)
        self.animation_level = "none"
        self.tour: Tour | None = None
        self.message = ""
        self._asks_for_wifi = False
        self._people = stage.people()
        self._born, self._number = stage.birth_date(), stage.hospital_number()

    def compose(self) -> ComposeResult:
        yield Lines([words("")] * 24)

    def on_mount(self) -> None:
        for look in LOOKS:
            self.register_theme(look.theme())
        self.theme = self.look.name
        self.set_interval(TICK_SECONDS, self.tick)
        self.tick()

    def tick(self) -> None:
        if self.tour is not None:
            self.tour.look(self._sight())
            self.message = self.tour.row(self.language)
        self.screen_stack[0].query_one(Lines).tell(rows(self._shown()))  # under whatever box lies over it

    def _sight(self) -> Sight:
        hospital, journal = self.stage.hospital, self.stage.journal
        return Sight(journal.happenings, journal.counted, is_cut=hospital.line.is_cut)

    def _shown(self) -> Shown:
        hospital, journal = self.stage.hospital, self.stage.journal
        now = time.time_ns() // 1_000_000 + KIGALI_MS
        return Shown(
            clock=time.strftime("%H:%M", time.gmtime(now / 1_000)),
            people=self._people,
            server_up=hospital.server_is_up,
            network_up=not hospital.line.is_cut,
            busy=self.stage.busy is not None,
            wifi=self.stage.wifi,
            address=self.stage.address(),
            bed=VISITOR,
            birth_date=self._born,
            hospital_number=self._number,
            happenings=journal.happenings,
            counted=journal.counted,
            message=self.message,
            language=self.language,
            offset_ms=KIGALI_MS,
        )

    def say(self, key: str, **detail: str | int) -> None:
        self.message = word(f"demo.{key}", self.language, **detail)
        self.tick()

    # -- keys -------------------------------------------------------------------------------------------------------

    def action_open(self, place: int) -> None:
        name = CONSOLES[place]
        if self.tour is not None:
            self.tour.pressed(str(place + 1))
        with self.suspend():
            code = self.stage.open(name)
        self.refresh(layout=True)
        if code:
            return self.say("console_ended", console=name, code=code)
        self.message = ""
        self.tick()

    def action_network(self) -> None:
        self._note("x")
        self.say("network_restored" if self.stage.toggle_network() else "network_was_cut")

    def action_server(self) -> None:
        self._note("k")
        self.say("server_started" if self.stage.toggle_server() else "server_killed")

    def action_busy(self) -> None:
        self.say("busy_on" if self.stage.toggle_busy() else "busy_off")

    def action_tour(self) -> None:
        self.tour = Tour() if self.tour is None else None
        if self.tour is None:
            self.say("tour_off")
        self.tick()

    def action_wifi(self) -> None:
        if not self.stage.wifi:
            self._asks_for_wifi = True
            self.say("wifi_ask")

    def action_agree(self) -> None:
        if self._asks_for_wifi:
            self._asks_for_wifi = False
            self.message = ""
            if not self.stage.let_phones_in():
                self.say("wifi_none")
        else:
            self._note("Enter")
        self.tick()

    def action_skip(self) -> None:
        """A presenter without a phone goes past what only a phone can do."""
        if self.tour is not None:
            self.tour.go_on()
        self.tick()

    def action_help(self) -> None:
        """Every key with its words: those of the bar, and those that have no room there."""
        told = [joined(words(f"{shown:<8}", "strong"), words(self._called(name))) for shown, name in HELP]
        self.push_screen(TellScreen(word("key.demo.help", self.language), told))

    def _called(self, name: str) -> str:
        wide = f"key.demo.{name}_wide"
        return word(wide if has(wide, "en") else f"key.demo.{name}", self.language)

    def action_disagree(self) -> None:
        self._asks_for_wifi = False
        self.message = ""
        self.tick()

    def action_all(self) -> None:
        columns, lines = self.size.width, self.size.height
        if not has_tmux():
            return self.say("tmux_missing")
        if columns < ALL_COLUMNS or lines < ALL_ROWS:
            return self.say("tmux_small", columns=columns, rows=lines)
        with self.suspend():
            self.stage.side_by_side()
        self.refresh(layout=True)
        self.tick()

    def action_browser(self) -> None:
        self._note("o")
        address = self.stage.address()
        opened = webbrowser.open(address) if shutil.which("xdg-open") or sys.platform == "darwin" else False
        self.say("browser_opened" if opened else "no_browser", address=address)

    def action_leave(self) -> None:
        self.exit()

    def _note(self, pressed: str) -> None:
        if self.tour is not None:
            self.tour.pressed(pressed)


def open_launcher(port: int) -> int:
    """Says what it does while it makes the hospital, opens the launcher, and leaves nothing running."""
    language = load().language
    now = time.time_ns() // 1_000_000
    with tempfile.TemporaryDirectory(prefix="dusangire-demo-") as folder:
        big = size(now)
        meal = word(f"meal.{big.meal}", language)
        told = word("demo.hospital_line", language, beds=big.beds, patients=big.patients, dishes=big.dishes, meal=meal)
        _step(3, word("demo.step_hospital", language))
        hospital = prepare(Path(folder), now=now, port=port)
        try:
            print(told)
            _step(4, word("demo.step_server", language, address=f"127.0.0.1:{hospital.server_port}"))
            hospital.start_server()
            print(word("demo.step_up", language))
            stage = Stage(hospital)
        except BaseException:
            hospital.close()
            raise
        for number in LEAVING:
            signal.signal(number, lambda said, _: _end(stage, folder, said))
        try:
            Launcher(stage, language=language).run()
        finally:
            stage.close()
    print(word("demo.left", language))
    return 0


def _end(stage: Stage, folder: str, said: int) -> None:
    """The window has gone, or is about to: a screen that nobody can draw any more may wait for ever, so what was
    started is ended beside it."""

    def end() -> None:
        try:
            stage.close()
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os._exit(128 + said)

    threading.Thread(target=end, name="dusangire-demo-end").start()


def _step(number: int, what: str) -> None:
    print(f"  {number}/4  {what} {'.' * max(3, 30 - len(what))} ", end="", flush=True)
