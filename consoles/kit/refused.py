"""Sync and verdicts (F2): what waits to be sent, what became of what was sent, and what somebody must read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.kit.acts import Act, Need, SyncRows, act_words, room_of, seconds, sync_rows
from consoles.kit.dialogs import WIDEST, Choice, ChooseScreen, TypeScreen
from consoles.kit.keybar import digits, key
from consoles.kit.lines import Line, Lines, Rule
from consoles.kit.screen import ConsoleScreen
from consoles.kit.table import Column, Table, TableRow
from consoles.kit.text import cut, joined, padded, sides, words
from core.words import case_words, clock, duration, outcome_words, refusal_words

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from sqlalchemy import Connection

    from consoles.kit.choosing import Both
    from sync.client.standing import Standing

MINUTE_MS = 60_000
SUPERSEDED = "superseded"


class SyncScreen(ConsoleScreen):
    """The same on every console."""

    WATCHES = ("op", "case", "unread_outcome")
    HELP_WORDS = "sync"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "open_need", "sync.open"),
        key("e", "explain", "kit.why"),
        key("c", "carry", "sync.carry"),
        key("t", "take_in", "sync.take_in"),
        key("pagedown,plus", "page(1)", "kit.next_page"),
        key("pageup,minus", "page(-1)", "kit.page_before"),
        key("up", "move(-1)", "kit.up"),
        key("down", "move(1)", "kit.down"),
        *digits("choose", "sync.choose"),
    ]
    BAR: ClassVar = {
        0: ("sync.open kit.why kit.back | kit.help",),
        60: ("sync.open kit.why sync.carry kit.next_page kit.back | kit.help",),
        100: ("sync.open kit.why sync.carry sync.take_in kit.next_page kit.back | kit.help",),
    }
    DEFAULT_CSS = """
    SyncScreen #needs { height: auto; max-height: 50%; }
    SyncScreen #acts { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: SyncRows | None = None
        self._page = 0

    def body(self) -> ComposeResult:
        yield Line(id="contact")
        yield Rule()
        yield Line(id="needs-title")
        yield Table(
            [Column("", 9), Column("", 0), Column("", 11), Column("", 5, right=True)],
            id="needs",
            numbered=True,
            heads=False,
        )
        yield Lines(id="acts")
        yield Rule()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        app = self.console_app
        name = app.standing.name if app.standing is not None else ""
        place = self.word(f"screen.{app.KIND}")
        return (
            [place, self.word("sync_screen.title"), words(name)],
            [words(chip.text, chip.token) for chip in app.chips()[1:]],
        )

    def tick(self) -> None:
        super().tick()
        if self.console_app.standing is not None:
            self.query_one("#contact", Line).say(*self._contact(self.console_app.standing))

    def _contact(self, standing: Standing) -> tuple[Text, Text]:
        at, now = standing.last_contact_at, self.console_app.now()
        parts = [self.word("sync_screen.last_contact", time=seconds(at)) if at else self.word("sync_screen.never")]
        age = standing.rules_age_ms
        parts.append(
            self.word("sync_screen.rules", time=clock(now - age), age=duration(age, self.language))
            if age is not None
            else self.word("sync_screen.rules_never")
        )
        return words(parts[0]), joined(words(parts[1]), "   ", words(self._clock(standing)))

    def _clock(self, standing: Standing) -> str:
        if standing.clock_ahead_ms:
            return self.word("sync_screen.clock_off", minutes=f"{standing.clock_ahead_ms / MINUTE_MS:+.0f}")
        if standing.clock_error_ms is None:
            return self.word("sync_screen.clock_unknown")
        return self.word("sync_screen.clock_right", seconds=max(1, -(-standing.clock_error_ms // 1_000)))

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> SyncRows:
        return sync_rows(db, self.language)

    def show(self, rows: SyncRows) -> None:
        self._rows = rows
        table = self.query_one("#needs", Table)
        table.fill([self._need(need) for need in rows.needs])
        table.display = bool(rows.needs)
        title = self.word("sync_screen.needs_you", count=len(rows.needs)) if rows.needs else self._all_done(rows)
        self.query_one("#needs-title", Line).say(words(title, "flag" if rows.needs else "done"))
        self._show_acts()
        if not self.said:
            self.say(self.word("sync_screen.go_on"), "quiet")

    def _all_done(self, rows: SyncRows) -> str:
        if rows.waiting:
            return self.word("sync_screen.needs_you", count=0)
        standing = self.console_app.standing
        time = seconds(standing.last_contact_at) if standing is not None and standing.last_contact_at else "--:--"
        return self.word("sync_screen.nothing", count=len(rows.answered), time=time)

    def _need(self, need: Need) -> TableRow:
        word = self.word("sync_screen.case") if need.is_case else self.word(f"outcome_name.{need.outcome}").upper()
        said, then = self._said_of(need)
        how = self.word("sync_screen.case_open" if need.is_case else "sync_screen.read_it")
        if need.outcome == SUPERSEDED:
            how, then = self.word("sync_screen.read_both"), self.word("sync_screen.both_kept")
        width = max(20, self.app.size.width)
        first = words(f"            {cut(said, width - 14)}")
        second = sides(words(f"            {then}", "quiet"), words(f"{how} ", "strong"), width)
        return TableRow(need.id, (word, need.act, need.who, clock(need.at)), below=(first, second))

    def _said_of(self, need: Need) -> tuple[str, str]:
        if need.is_case:
            case = case_words(need.code, need.detail, self.language)
            owner = (
                self.word("sync_screen.taken_by", who=need.owner)
                if need.owner
                else self.word("sync_screen.nobody_has_it")
            )
            return case.what, f"{case.consequence} {owner}."
        if need.outcome == "applied_exception":
            told = case_words(need.code, need.detail, self.language)
            return told.what, told.consequence
        refused = refusal_words(need.code, need.detail, self.language)
        return (refused.what, refused.stays) if need.code else (outcome_words(need.outcome, language=self.language), "")

    def _show_acts(self) -> None:
        rows, lines = self._rows, self.query_one("#acts", Lines)
        if rows is None or not lines.size.height:
            return
        standing = self.console_app.standing
        oldest = duration(standing.oldest_waiting_ms, self.language) if standing is not None else ""
        title = self.word("sync_screen.waiting", count=rows.to_send)
        title = f"{title}   {self.word('sync_screen.oldest', age=oldest)}"
        drawn = [words(f" {title if rows.waiting else self.word('sync_screen.nothing_waits')}", "strong")]
        room = max(1, (lines.size.height - 3) * 2 // 3)
        pages = max(1, -(-len(rows.waiting) // room))
        self._page = max(0, min(pages - 1, self._page))
        shown = rows.waiting[self._page * room : (self._page + 1) * room]
        drawn += [self._act(act) for act in shown]
        left = rows.to_send - (self._page * room + len(shown))
        if left:
            more = words(self.word("sync_screen.more", count=left), "quiet")
            drawn.append(sides(Text(), joined(more, " "), lines.size.width))
        last = words(f" {self.word('sync_screen.confirmed_last')}", "strong")
        drawn.append(sides(last, words(f"{self._sizes(rows)} ", "quiet"), lines.size.width))
        drawn += [self._act(act) for act in rows.answered[: max(0, lines.size.height - len(drawn))]]
        lines.tell(drawn)

    def _sizes(self, rows: SyncRows) -> str:
        """How much of this device its queue and its data take."""
        return self.word("sync_screen.sizes", queue=room_of(rows.queue_bytes), data=room_of(rows.store_bytes))

    def _act(self, act: Act) -> Text:
        name = act_words(act.kind, self.language)
        if act.outcome:
            became = outcome_words(act.outcome, act.code, act.detail, self.language)
        else:
            became = self.word("sync_screen.saved")
        line = f"   {clock(act.made_at)}  {padded(name, 16)} {padded(act.about, 18)} {padded(act.who, 10)} "
        return joined(words(line), words(became, "" if act.outcome else "quiet"))

    # -- keys ---------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        super().on_resize()
        if self._rows is not None:
            self.call_after_refresh(self._show_acts)

    def action_move(self, step: int) -> None:
        self.query_one("#needs", Table).action_move(step)

    def action_page(self, step: int) -> None:
        self._page += step
        self._show_acts()

    async def action_choose(self, number: int) -> None:
        if self.query_one("#needs", Table).choose_number(number):
            await self.action_open_need()

    def on_table_opened(self, event: Table.Opened) -> None:
        """A finger on a row."""
        self.call_later(self.action_open_need)

    def _chosen(self) -> Need | None:
        chosen = self.query_one("#needs", Table).chosen
        return next((need for need in self._rows.needs if need.id == chosen), None) if self._rows is not None else None

    async def action_open_need(self) -> None:
        need = self._chosen()
        if need is None:
            return self.say(self.word("sync_screen.go_on"), "quiet")
        if need.is_case:
            return self._open_case(need)
        if need.outcome == SUPERSEDED:
            return await self._choose_text(need)
        from core.cases.commands import AcknowledgeOutcome

        act = self.word("sync_screen.acknowledged", act=need.act)
        await self.perform(AcknowledgeOutcome(outcome_id=need.id, read=need.outcome), act=act)

    async def _choose_text(self, need: Need) -> None:
        """Both texts side by side; whoever reads them keeps one."""
        from consoles.kit.choosing import both_texts, side_by_side

        door = self.console_app.store.door
        both = await self.console_app.store.run(door.read, lambda db: both_texts(db, need.id)) if door else None
        if both is None:
            return self.say(self.word("sync_screen.go_on"), "quiet")
        choices = [Choice(self.word("sync_screen.choose_keep_theirs"), partial(self._keep_other, need))]
        if both.command is not None and both.version:
            mine = partial(self._keep_mine, need, both)
            choices.append(Choice(self.word("sync_screen.choose_keep_mine"), mine))
        width = min(WIDEST, self.app.size.width - 2) - 4
        text = side_by_side(both, width, self.language)
        title = self.word("sync_screen.choose_title", act=need.act)
        self.app.push_screen(ChooseScreen(title, choices, text=text), self._do_chosen)

    async def _keep_other(self, need: Need) -> None:
        from core.cases.commands import AcknowledgeOutcome

        act = self.word("sync_screen.kept_theirs", act=need.act)
        await self.perform(AcknowledgeOutcome(outcome_id=need.id, read=need.outcome), act=act)

    async def _keep_mine(self, need: Need, both: Both) -> None:
        """Written again over what stands now; if that has changed too, there is a new verdict to read."""
        from core.cases.commands import AcknowledgeOutcome

        assert both.command is not None, "it is offered only where its text is"
        act = self.word("sync_screen.kept_mine", act=need.act)

        async def read() -> None:
            await self.perform(AcknowledgeOutcome(outcome_id=need.id, read=need.outcome), act=act)

        await self.perform(both.command, act=act, expect=both.version, then=lambda _: self._go_on_with(read()))

    def _go_on_with(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work, group="people")

    def _open_case(self, need: Need) -> None:
        from core.cases.commands import TakeCase

        told = case_words(need.code, need.detail, self.language)
        take = partial(self.perform, TakeCase(case_id=need.id), act=f"{self.word('sync_screen.take')}: {need.act}")
        choices = [
            Choice(self.word("sync_screen.take"), take),
            Choice(self.word("sync_screen.close"), partial(self._close_case, need)),
        ]
        screen = ChooseScreen(need.act, choices, text=[told.what, told.consequence, told.next])
        self.app.push_screen(screen, self._do_chosen)

    async def _do_chosen(self, chosen: Any) -> None:
        if chosen is not None:
            await chosen()

    async def _close_case(self, need: Need) -> None:
        screen = TypeScreen(need.act, hint=self.word("sync_screen.closing"))
        self.app.push_screen(screen, partial(self._close_with, need))

    async def _close_with(self, need: Need, closing: str | None) -> None:
        if closing:
            from core.cases.commands import CloseCase

            act = f"{self.word('sync_screen.close')}: {need.act}"
            await self.perform(CloseCase(case_id=need.id, closing=closing), act=act)

    async def action_carry(self) -> None:
        from consoles.kit.carry import carry

        if self._rows is not None:
            await carry(self, self._rows.to_send)

    async def action_take_in(self) -> None:
        from consoles.kit.take_in import take_in

        await take_in(self)

    def action_explain(self) -> None:
        from consoles.kit.explain import ExplainScreen, Told

        need = self._chosen()
        if need is None:
            return self.say(self.word("sync_screen.go_on"), "quiet")
        said, then = self._said_of(need)
        told = [Told(self.word("refused.what"), said), Told(self.word("refused.stays"), then)]
        told.append(Told(self.word("why_screen.rule_label"), need.code))
        told.append(Told(self.word("why_screen.who"), f"{need.who}, {clock(need.at)}"))
        self.app.push_screen(ExplainScreen(need.act, told))
