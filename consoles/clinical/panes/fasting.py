"""Nil by mouth: a doctor stops food, from now or from an hour, and it ends by a diet order alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.pane import BadField, Field, Pane
from consoles.kit.forms import Options
from consoles.kit.lines import Lines
from consoles.kit.text import words

if TYPE_CHECKING:
    from core.kernel.message import Command

REASONS = ("doctor", "procedure", "swallow_screen")


class FastingPane(Pane):
    COMMAND = "diets.start_nil_by_mouth"

    def title(self) -> str:
        try:
            since = self.since(self.instant("from", after=self.card.at))
        except BadField:
            since = "?"
        return f"{self.word('why.nil_by_mouth')}, {since}"

    def more(self) -> ComposeResult:
        reasons = [(code, self.word(f"fasting_reason.{code}")) for code in REASONS]
        yield Options(self.label("reason"), reasons, taken=("doctor",), id="reason")
        yield Field(self.label("starts"), hint=self.word("clinical.starts_hint"), most=5, id="from")
        ends = f"{self.label('ends'):<13}{self.word('clinical.ends_by_order')}"
        yield Lines([words(ends, "quiet")])

    def entry(self) -> Widget | None:
        return self.query_one(Options)

    def command(self) -> Command | None:
        from core.diets.commands import StartNilByMouth

        reason = self.query_one("#reason", Options).value
        from_at = self.instant("from", after=self.card.at)
        return StartNilByMouth(stay_id=self.card.stay.id, reason=reason, from_at=from_at)  # type: ignore[arg-type]  # one of REASONS
