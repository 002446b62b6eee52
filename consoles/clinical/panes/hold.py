"""Hold all trays: anybody clinical stops the food of a patient at once; the doctor's next diet order ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.pane import Field, Pane
from consoles.kit.forms import Options
from consoles.kit.lines import Lines
from consoles.kit.text import words

if TYPE_CHECKING:
    from core.kernel.message import Command

UNSAID = "unsaid"  # two keys stop food; why may follow
REASONS = ("doctor", "procedure", "vomiting", "swallowing", "allergy_suspected", "away", "other")


class HoldPane(Pane):
    COMMAND = "diets.hold_trays"

    def title(self) -> str:
        return f"{self.word('why.trays_held')}, {self.word('clinical.from_now')}"

    def more(self) -> ComposeResult:
        reasons = [(UNSAID, self.word("missing.reason"))]
        reasons += [(code, self.word(f"hold_reason.{code}")) for code in REASONS]
        yield Options(self.label("reason"), reasons, taken=(UNSAID,), id="reason")
        yield Field(self.label("in_words_label"), hint=self.word("clinical.hold_hint"), id="words")
        ends = f"{self.label('ends'):<13}{self.word('clinical.ends_by_order')}"
        yield Lines([words(ends, "quiet")])

    def entry(self) -> Widget | None:
        return self.query_one(Options)

    def missing(self) -> str:
        return self.word("clinical.hold_reason")

    def command(self) -> Command | None:
        """Words of one's own stand for themselves; "something else" needs them."""
        from core.diets.commands import HoldTrays

        code, typed = self.query_one("#reason", Options).value, self.typed("words")
        known = self.word("missing.reason") if code == UNSAID else self.word(f"hold_reason.{code}")
        reason = typed or ("" if code == "other" else known)
        return HoldTrays(stay_id=self.card.stay.id, reason=reason) if reason else None
