"""A console with nothing behind it, to try the parts of the kit on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.kit.app import ConsoleApp
from consoles.kit.scan import Scanned
from consoles.kit.screen import ConsoleScreen
from consoles.kit.table import Table
from core.kernel.refusal import Refusal


class Bench(ConsoleScreen):
    """Shows what a test gives it, and writes down what it hears."""

    BAR = {0: ("kit.back | kit.help",)}

    def __init__(self, *parts: Callable[[], Widget]) -> None:
        super().__init__()
        self._parts = parts
        self.heard: list[object] = []

    def body(self) -> ComposeResult:
        for part in self._parts:
            yield part()

    def on_scanned(self, event: Scanned) -> None:
        self.heard.append(event.code)

    def on_table_opened(self, event: Table.Opened) -> None:
        self.heard.append(event.key)


class BenchApp(ConsoleApp):
    """Its store never opens: the parts need none."""

    def __init__(self, *parts: Callable[[], Widget]) -> None:
        super().__init__(_never, look="dark")
        self._bench = Bench(*parts)

    def first_screen(self) -> ConsoleScreen:
        return self._bench

    def open_store(self) -> None:
        """There is none."""

    @property
    def bench(self) -> Bench:
        return self._bench


def _never(on_change: object) -> NoReturn:
    raise Refusal("not_enrolled")
