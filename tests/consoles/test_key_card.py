"""Bar, help, palette and the printed card read one registry: what one of them says, the others say too."""

from __future__ import annotations

import pytest

from consoles.kit.app import ConsoleApp
from consoles.kit.keybar import registry
from consoles.kit.screen import ConsoleScreen
from core.words import LANGUAGES, has
from tests import key_card

SCREENS = [screen for _, packages in key_card.CONSOLES for screen in key_card.screens_of(packages)]


def test_the_printed_card_says_what_the_consoles_say_now() -> None:
    printed = key_card.CARD.read_text(encoding="utf-8")
    assert printed == key_card.card(), "python -m tests.key_card"


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_every_key_of_a_bar_is_in_the_registry_that_help_and_palette_read(screen: type[ConsoleScreen]) -> None:
    known = key_card.keys_of(screen) | registry(ConsoleApp.BINDINGS)
    named = {name for bar in screen.BAR.values() for row in bar for name in row.replace("|", " ").split()}
    silent = {(name, one) for name in named for one in LANGUAGES if not has(f"key.{name}", one)}
    assert (named - set(known), silent) == (set(), set())
