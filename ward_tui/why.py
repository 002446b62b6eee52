"""Why a tray may or may not be given: every rule that spoke, its version, who set it, when, how old it is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from consoles.kit.keybar import key
from consoles.kit.text import joined, words
from core.words import clock, duration, reason_words, word
from ward_tui.drawing import Drawing
from ward_tui.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from consoles.kit.explain import Told
    from ward_tui.screen import WardScreen

LABEL_CELLS = 12


class WhySheet(Sheet):
    """Labels at the left, what they say beside them, nothing cut on the narrowest handheld. Enter or Esc goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [key("enter", "drop", "kit.back")]

    def __init__(self, title: str, told: Sequence[Told]) -> None:
        super().__init__()
        self._title, self.told = title, tuple(told)

    def drawing(self, width: int, height: int) -> Drawing:
        drawing = Drawing(width)
        drawing.line(self._title, look="strong")
        drawing.rule()
        for one in self.told:
            part = Drawing(width - LABEL_CELLS)
            part.text(one.text, look=one.token)
            for number, line in enumerate(part.lines):
                label = one.label if number == 0 else ""
                drawing.line(joined(words(f"{label:<{LABEL_CELLS}}", "quiet"), line))
        drawing.space()
        drawing.text(self.word("dialog.esc_goes_back"), look="quiet")
        return drawing


def explain(screen: WardScreen, order_id: str) -> None:
    """Opens it over a screen."""
    screen.run_worker(_explain(screen, order_id), group="people", exclusive=True)


async def _explain(screen: WardScreen, order_id: str) -> None:
    app = screen.console_app
    door = app.store.door
    if door is None:
        return
    title, told = await app.store.run(door.read, lambda db: _asked(db, screen, order_id))
    app.push_screen(WhySheet(title, told))


def _asked(db: Connection, screen: WardScreen, order_id: str) -> tuple[str, list[Told]]:
    """In the store's thread."""
    from consoles.kit.explain import Told
    from ward_tui.bedside_rows import bedside_rows

    language, now = screen.language, screen.now(db)
    seen = bedside_rows(db, order_id, now, language)
    if seen.stop is None:
        return word("ward.not_held_here", language), []
    profile = seen.stop.profile
    reasons = [reason_words(one.code, one.arguments, language, staff=True) for one in seen.verdict.reasons]
    told = [Told(word("ward_why.rule", language), one) for one in reasons or [word("verdict.allow", language)]]
    if profile is not None:
        by = seen.name_of(profile.changed_by) or profile.changed_by
        told += [
            Told(word("ward_why.version", language), str(profile.rules_version)),
            Told(word("ward_why.set_by", language), by),
            Told(word("ward_why.set_at", language), clock(profile.changed_at)),
        ]
    age = duration(now.rules_age, language) if now.rules_at else word("ward_why.never", language)
    told.append(Told(word("ward_why.age", language), age, "soon" if now.is_amber else ""))
    return f"{seen.stop.order.number}  {seen.stop.bed}", told
