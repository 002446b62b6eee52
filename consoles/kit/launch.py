"""Opens a console on this machine, on its own store. What is shown where that fails is `consoles.kit.not_opened`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from consoles.kit.app import ConsoleApp, Opening
from consoles.kit.lasting import lasting
from consoles.kit.theme import look_for
from core.kernel.refusal import Refusal
from core.words import refusal_words

if TYPE_CHECKING:
    from core.settings import Settings
    from sync.client.loop import OnChange

Enrolling = Callable[[str, str, str], str]  # server, code, name -> the name it was let in by; in the store's thread


def settings_of(environment: Mapping[str, str] = os.environ) -> Settings:
    """This machine's settings. A file that cannot be used is told in words, and nothing is opened."""
    from core.settings import load

    try:
        return load(environment)
    except Refusal as refusal:
        sys.exit(str(refusal_words(refusal.code, refusal.detail, "en")))


def launch(kind: type[ConsoleApp], settings: Settings, *, may_leave: bool = False, plain: bool = False) -> int:
    """Runs this console until its end; the exit code."""
    app = console_on(kind, settings, may_leave=may_leave, plain=plain)
    app.run()
    return app.return_code or 0


def console_on(
    kind: type[ConsoleApp],
    settings: Settings,
    *,
    environment: Mapping[str, str] = os.environ,
    may_leave: bool = False,
    plain: bool = False,
) -> ConsoleApp:
    """This kind of console over this machine's own store."""
    fitting = look_for(environment).name
    look = "plain" if plain else settings.theme if fitting == "dark" else fitting
    app = kind(opening_of(settings, kind.KIND), language=settings.language, look=look, may_leave=may_leave)
    app.enrolling, app.server_url = enrolling_of(settings), settings.server_url
    return app


def opening_of(settings: Settings, kind: str) -> Opening:
    def opening(on_change: OnChange) -> Any:
        with lasting():
            from sync.client.door import Door

        door = Door.open(settings, on_change=on_change)
        is_kind = door.standing().kind
        if kind and is_kind != kind:
            door.close()
            raise Refusal("other_console", **{"is": is_kind, "wanted": kind})
        return door

    return opening


def enrolling_of(settings: Settings) -> Enrolling:
    def enrolling(server: str, code: str, name: str) -> str:
        from core.store.home import home_of
        from sync.client.enrol import enrol
        from sync.client.machine import MachineChance, MachineClock
        from sync.client.transport import HttpLink

        link = HttpLink(server, ca_file=settings.ca_file)
        try:
            clock, chance = MachineClock(), MachineChance()
            answer = enrol(home_of(settings), server, code=code, name=name, link=link, clock=clock, chance=chance)
        finally:
            link.close()
        return answer.name

    return enrolling
