"""Isolation: which kind, from when, until when; it outlives every diet order, and a doctor ends it (R55)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.pane import BadField, Field, Pane
from consoles.kit.forms import Options

if TYPE_CHECKING:
    from core.kernel.message import Command

END = "end"


class IsolationPane(Pane):
    """may_end: whose work it is to end one that stands."""

    COMMAND = "diets.isolate"

    def __init__(self, card: Any, language: str, *, isolated: bool, may_end: bool) -> None:
        super().__init__(card, language)
        self._isolated, self._may_end = isolated, may_end

    def title(self) -> str:
        kind = self.query_one("#kind", Options).value
        if kind == END:
            return self.word("clinical.isolation_end")
        try:
            since = self.since(self.instant("from", after=self.card.at))
        except BadField:
            since = "?"
        named = self.word(f"isolation.{kind}") if kind else "?"
        return f"{self.word('clinical.isolation')} {named}, {since}"

    def first(self) -> ComposeResult:
        from core.diets.catalogue import ISOLATIONS

        kinds = [(code, self.word(f"isolation.{code}")) for code in ISOLATIONS]
        if self._isolated and self._may_end:
            kinds.append((END, self.word("clinical.isolation_end")))
        yield Options("", kinds, id="kind")

    def more(self) -> ComposeResult:
        yield Field(self.label("starts"), hint=self.word("clinical.starts_hint"), most=5, id="from")
        yield Field(self.label("ends"), hint=self.word("clinical.ends_hint"), most=5, id="until")
        yield Field(self.label("reason"), id="why")

    def entry(self) -> Widget | None:
        return self.query_one("#kind", Options)

    def missing(self) -> str:
        return self.word("clinical.isolation_missing")

    def command(self) -> Command | None:
        from core.diets.isolation import EndIsolation, Isolate

        kind, stay_id = self.query_one("#kind", Options).value, self.card.stay.id
        if kind == END:
            return EndIsolation(stay_id=stay_id)
        if not kind:
            return None
        from_at = self.instant("from", after=self.card.at)
        until_at = self.instant("until", after=self.card.at if from_at is None else from_at)
        return Isolate(
            stay_id=stay_id,
            isolation=kind,  # type: ignore[arg-type]  # one of ISOLATIONS
            from_at=from_at,
            until_at=until_at,
            reason=self.typed("why"),
        )
