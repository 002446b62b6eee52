"""Why: the rule behind what is seen, its version, who set it, when, and how old this console's knowledge of it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from consoles.kit.dialogs import TellScreen
from consoles.kit.text import joined, words, wrapped

LABEL_CELLS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """One line of an explanation: `rule`, `allergy: contains peanut`. token: of what is said."""

    label: str
    text: str
    token: str = ""


class ExplainScreen(TellScreen):
    """Opened by `e` on anything. Enter or Esc goes back."""

    def __init__(self, title: str, told: Sequence[Told]) -> None:
        super().__init__(title, explained(told))
        self.told = tuple(told)


def explained(told: Sequence[Told], *, width: int = 60) -> list[Text]:
    """Labels at the left, what they say beside them."""
    lines: list[Text] = []
    for one in told:
        for number, piece in enumerate(wrapped(one.text, width - LABEL_CELLS)):
            label = one.label if number == 0 else ""
            lines.append(joined(words(f"{label:<{LABEL_CELLS}}", "quiet"), words(piece, one.token)))
    return lines
