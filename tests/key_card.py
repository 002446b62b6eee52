"""The printed key card, `docs/keys.md`, from the one registry of keys: `python -m tests.key_card` writes it anew."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from textual.binding import BindingType

from consoles.kit.app import ConsoleApp
from consoles.kit.keybar import Known, registry
from consoles.kit.screen import ConsoleScreen
from core.words import has, word

CARD = Path(__file__).resolve().parents[1] / "docs" / "keys.md"
CONSOLES = (
    ("Kitchen", ("kitchen_tui",)),
    ("Ward", ("ward_tui",)),
    ("Clinical", ("consoles.clinical",)),
    ("Admin", ("consoles.admin",)),
    ("Sync, the same on every console", ("consoles.kit",)),
)
HEAD = """# Every key

Printed from the consoles themselves: the bar at the foot of a screen shows the most important of these, `?` shows all
of that screen, and `ctrl+p` finds each by its name.
"""


def card() -> str:
    """The whole card."""
    everywhere = registry([*ConsoleApp.BINDINGS, *ConsoleScreen.BINDINGS])
    parts = [HEAD, "## Everywhere\n", _table(everywhere.values())]
    for name, packages in CONSOLES:
        parts.append(f"## {name}\n")
        for screen in sorted(screens_of(packages), key=_name):
            own = {known.id: known for known in keys_of(screen).values() if known.id not in everywhere}
            if own:
                parts += [f"### {_title(screen)}\n", _table(own.values())]
    return "\n".join(parts).rstrip("\n") + "\n"


def screens_of(packages: Iterable[str]) -> Iterator[type[ConsoleScreen]]:
    """Every screen that a person sees in these packages: it has a key bar and words of help."""
    for package in packages:
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if module.name.endswith("__main__"):
                continue
            for one in vars(importlib.import_module(module.name)).values():
                if isinstance(one, type) and issubclass(one, ConsoleScreen) and one.__module__ == module.name:
                    yield from [one] if one.BAR and one.HELP_WORDS else []


def keys_of(screen: type[ConsoleScreen]) -> dict[str, Known]:
    """Its own keys and those of what it is made from, as the screen itself counts them."""
    rows: list[BindingType] = []
    for owner in screen.__mro__:
        rows += owner.__dict__.get("BINDINGS", []) if issubclass(owner, ConsoleScreen) else []
    return registry(rows)


def _title(screen: type[ConsoleScreen]) -> str:
    told = word(f"help.{screen.HELP_WORDS}")
    return told.partition(". ")[0].rstrip(".")


def _table(keys: Iterable[Known]) -> str:
    rows = ["| key | |", "|---|---|"]
    for known in keys:
        sentence = f"keyhelp.{known.id}"
        told = word(sentence) if has(sentence, "en") else known.label("en")
        rows.append(f"| `{known.shown}` | {told} |")
    return "\n".join(rows) + "\n"


def _name(screen: type[ConsoleScreen]) -> str:
    return f"{screen.__module__} {screen.__name__}"


if __name__ == "__main__":
    CARD.write_text(card(), encoding="utf-8")
