"""One order, its whole life: every step with who and why, its trays, hand-overs, troubles, and its books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.admin.closing import Closing
from consoles.kit.keybar import key
from consoles.kit.lines import Line, Lines
from consoles.kit.text import joined, padded, words
from core.words import case_words, clock, day, detail_of, has, money

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.orders.history import Step
    from core.reports.meals import Life

HALF = {1: "1/2", 2: "1", 3: "1 1/2", 4: "2"}


class OrderScreen(Closing):
    """`o` moves it one step by hand, `e` says why it is judged so, `x` writes its life out."""

    CSS_PATH = "order.tcss"
    PLACE = "orders"
    WATCHES = ("order", "order_move", "tray", "hand_over", "delivery_issue", "case", "payment", "ledger_entry")
    HELP_WORDS = "admin_order"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("o", "override", "admin.override"),
        key("e", "explain", "admin.why"),
        key("x", "export", "admin.export"),
        key("pagedown,plus,down", "page(1)", "kit.next_page"),
        key("pageup,minus,up", "page(-1)", "kit.page_before"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.override admin.why kit.back | kit.help",),
        60: ("admin.override admin.why admin.export kit.next_page kit.back | kit.help",),
    }

    def __init__(self, order_id: str) -> None:
        super().__init__()
        self.order_id = order_id
        self.life: Life | None = None
        self._page = 0
        self._asked = False

    def inside(self) -> ComposeResult:
        yield Line(id="head")
        yield Lines([Text()], id="life")

    def ask(self, db: Connection) -> tuple[Life | None]:
        from core.reports.meals import life

        return (life(db, self.order_id, self.language),)

    def show(self, rows: tuple[Life | None]) -> None:
        self.life, self._asked = rows[0], True
        self._draw()

    def on_resize(self) -> None:
        super().on_resize()
        self.call_after_refresh(self._draw)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        view = self.query_one("#life", Lines)
        if self.life is None:
            if self._asked:
                view.tell([words(f" {self.word('admin.order_left')}", "quiet")])
            return
        order = self.life.row.order
        meal = self.word("meal." + order.service_id.rpartition("-")[2])
        state = words(f"{self.word(f'order_state.{order.state}')} {clock(order.state_at)}", "strong")
        left = joined(
            words(f"{order.number}  {self.life.row.bed}", "strong"), words(f"   {meal} {order.service_id[:10]}")
        )
        self.query_one("#head", Line).say(left, state)
        lines, room = list(self._lines(self.life)), max(1, view.size.height)
        pages = max(1, -(-len(lines) // room))
        self._page = max(0, min(self._page, pages - 1))
        view.tell(lines[self._page * room : (self._page + 1) * room])

    def _lines(self, life: Life) -> Iterator[Text]:
        order = life.row.order
        for name, halves in life.dishes:
            yield words(f"   {padded(name, 32)} {HALF.get(halves, f'{halves}/2')}")
        if order.wish:
            yield words(f'   "{order.wish}"', "quiet")
        if order.stop:
            seen = life.people.get(order.stop_seen_by, order.stop_seen_by) or self.word("admin.owner_nobody")
            reason = f"{self.word('case_title.stop')} {self.word(f'why.{order.stop}')}"
            said = f"{reason}, {self.word('admin.seen_by', who=seen)}"
            yield words(f"   {said}", "late" if order.stop_seen_by else "flag")
        yield from self._part("admin.part_life", [self._step(step) for step in life.steps])
        yield from self._part("admin.part_trays", self._trays(life))
        yield from self._part("admin.part_trouble", self._trouble(life))
        yield from self._part("admin.part_money", self._money(life))

    def _part(self, name: str, lines: Sequence[Text]) -> Iterator[Text]:
        if lines:
            yield Text()
            yield words(f" {self.word(name)}", "strong")
            yield from lines

    def _step(self, step: Step) -> Text:
        state = self.word(f"order_state.{step.to_state}")
        by = self.word("role.system") if step.by == "system" else step.by or self.word("admin.by_patient")
        implied = f"  {self.word('kitchen.history_implied')}" if step.implied else ""
        return words(
            f"   {self._at(step.at)}  {padded(state, 20)} {padded(by, 16)} {self.reason_words(step.reason)}{implied}"
        )

    def reason_words(self, reason: str) -> str:
        """A code by its words; what somebody has written, in quotation marks."""
        if not reason:
            return ""
        for section in ("why", "issue", "problem"):
            if has(f"{section}.{reason}", "en"):
                return self.word(f"{section}.{reason}")
        return f'"{reason}"'

    def _trays(self, life: Life) -> list[Text]:
        lines = []
        for tray in life.trays:
            void = f"  {self.word('admin.label_void')}" if tray.label_void else ""
            state = self.word(f"tray_state.{tray.state}")
            label = self.word("admin.tray", number=tray.number, version=tray.label_version)
            lines.append(words(f"   {self._at(tray.assembled_at)}  {padded(label, 20)} {state}{void}"))
        for one in life.hand_overs:
            by = life.people.get(one.by, one.by)
            how = ", ".join(self.word(f"identifier.{code}") for code in one.identifiers.split()) or self.word(
                "admin.not_scanned"
            )
            lines.append(
                words(f"   {self._at(one.claimed_at)}  {padded(self.word('event.given'), 20)} {padded(by, 16)} {how}")
            )
        return lines

    def _trouble(self, life: Life) -> list[Text]:
        lines = []
        for issue in life.issues:
            by, event = life.people.get(issue.by, issue.by), self.word("event.not_given")
            said = f"{self.word(f'issue.{issue.code}')}  {issue.note}".strip()
            lines.append(words(f"   {self._at(issue.claimed_at)}  {padded(event, 20)} {padded(by, 16)} {said}"))
        for case in life.cases:
            said = case_words(case.code, detail_of(case.detail, life.people), self.language).what
            ended = self.word("admin.case_open")
            if case.closed_at is not None:
                who = life.people.get(case.closed_by, case.closed_by)
                ended = self.word("admin.case_closed", who=who, time=clock(case.closed_at), closing=case.closing)
            lines.append(words(f"   {self._at(case.opened_at)}  {said}", "" if case.closed_at else "soon"))
            lines.append(words(f"          {ended}", "quiet"))
        return lines

    def _money(self, life: Life) -> list[Text]:
        payment = life.payment
        if payment is None:
            return []
        method, state = self.word(f"method.{payment.method}"), self.word(f"payment_state.{payment.state}")
        line = self.word("admin.money_line", due=money(payment.due_francs), paid=money(payment.paid_francs))
        lines = [words(f"   {method}, {state}   {line}")]
        for entry in life.entries:
            account = self.word(f"admin.account_{entry.account}")
            by = life.people.get(entry.by, "")
            why = self.reason_words(entry.reason)
            lines.append(
                words(
                    f"   {self._at(entry.at)}  {padded(account, 20)} {money(entry.francs):>14}  {padded(by, 16)} {why}"
                )
            )
        return lines

    def _at(self, at: int) -> str:
        today = day(at, self.language) == day(self.console_app.now(), self.language)
        return f"{'' if today else day(at, self.language) + ' '}{clock(at)}"

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_page(self, step: int) -> None:
        self._page += step
        self._draw()

    def action_override(self) -> None:
        self.override(self.order_id)

    def action_explain(self) -> None:
        if not self.is_locked:
            self.explain_order(self.order_id)

    async def action_export(self) -> None:
        if self.life is None:
            return self.say(self.word("admin.order_left"), "soon")
        rows = [(line.plain.strip(),) for line in self._lines(self.life) if line.plain.strip()]
        await self.write_out(f"order-{self.life.row.order.number}", [self.word("admin.part_life")], rows)
