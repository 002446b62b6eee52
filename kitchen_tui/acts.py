"""What the keys of the wall do to the chosen meal: one step each, judged by the newest rules at the press."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from consoles.kit.board import Board
from consoles.kit.screen import ConsoleScreen
from core.words import flag_words, state_words

if TYPE_CHECKING:
    from consoles.kit.dialogs import Choice
    from core.kernel.message import Command
    from core.kernel.refusal import Refusal
    from core.orders.tickets import Ticket
    from kitchen_tui.ringing import Ringing

PROBLEMS = ("burnt", "dropped", "wrong_diet", "wrong_dish", "missing_item", "cold", "contaminated", "other")
CAN_BE_MADE_AGAIN = ("cooking", "ready")
BY_THE_RULES = ("meal_blocked", "meal_held", "stopped", "stop_not_seen", "order_held")


class BoardActs(ConsoleScreen):
    """Mixed into the board. The chosen card is the one under the cursor, wherever it lies by now."""

    ringing: Ringing
    _asked_for = ""  # the meal about whose missing ticks was asked

    @property
    def board(self) -> Board[Ticket]:
        raise NotImplementedError

    def _ticket(self) -> Ticket | None:
        """The chosen meal; says why when there is none."""
        ticket = self.board.chosen_card
        if ticket is None:
            self.say(self.word("kitchen.has_left" if self.board.chosen else "kitchen.empty_now"))
        return ticket

    def _named(self, name: str, ticket: Ticket) -> str:
        return self.word(f"kitchen.{name}", number=ticket.number, bed=ticket.bed)

    def _said_of(self, state: str, ticket: Ticket) -> str:
        """`READY  L-0401  A-009`, and the kit sets behind it who and when."""
        return f"{state_words(f'order.{state}', self.language)}  {ticket.number}  {ticket.bed}"

    # -- choosing -----------------------------------------------------------------------------------------------------

    async def action_choose(self, number: int) -> None:
        """A digit chooses; the chosen one's digit ticks, or in fast mode does the next step."""
        wanted = self.board.key_at(number)
        if not wanted:
            return self.say(self.word("kitchen.no_such_tile", tile=number))
        if getattr(self.app, "fast", False):
            self.board.choose(wanted)
            return await self.action_next_step()
        if wanted == self.board.chosen:
            return await self.action_tick()
        self._asked_for = ""
        self.board.choose(wanted)

    async def on_board_touched(self, event: Board.Touched) -> None:
        if event.again:
            await self.action_tick()

    def action_go(self, columns: int, bands: int) -> None:
        self._asked_for = ""
        self.board.move(columns, bands)

    def action_page(self, step: int) -> None:
        if not self.board.turn(step):
            self.say(self.word("kitchen.no_more_pages"))
        self.tick()

    async def action_page_back(self) -> None:
        """On a number pad the minus undoes while there is something to undo."""
        if self.can_undo:
            await self.action_undo()
        else:
            self.action_page(-1)

    # -- steps --------------------------------------------------------------------------------------------------------

    async def action_next_step(self) -> None:
        """Start, then ready. Whatever must be read first is not gone past."""
        ticket = self._ticket()
        if ticket is None:
            return
        if ticket.is_stopped or ticket.changed is not None:
            self.console_app.ring()
            tile = self.board.number_of(ticket.key)
            return self.say(self.word("kitchen.read_first", tile=tile), "soon")
        if ticket.state == "held":
            self.console_app.ring()
            return self.say(self._why_held(ticket), "soon")
        if ticket.state in ("confirmed", "kitchen_issue"):
            return await self._start(ticket)
        if ticket.state == "cooking":
            return await self._make_ready(ticket)
        self.say(self.word("kitchen.nothing_next", state=state_words(f"order.{ticket.state}", self.language)))

    def _why_held(self, ticket: Ticket) -> str:
        flags = [flag for flag in ticket.flags if flag.code == ticket.held_for]
        why = flag_words(ticket.held_for, flags[0].arguments if flags else {}, self.language)
        return self.word("kitchen.held_for", number=ticket.number, why=why, extension=ticket.extension or "-")

    async def _start(self, ticket: Ticket) -> None:
        from core.orders.commands import StartCooking, TakeBack

        await self.perform(
            StartCooking(order_id=ticket.key),
            act=self._named("start_act", ticket),
            said=self._said_of("cooking", ticket),
            back=TakeBack(order_id=ticket.key, step="cooking"),
            signed=True,
        )

    async def _make_ready(self, ticket: Ticket) -> None:
        from core.orders.commands import MarkReady, TakeBack

        if ticket.ticked < len(ticket.items) and self._asked_for != ticket.key:
            self._asked_for = ticket.key
            return self.say(self.word("kitchen.ticked_some", done=ticket.ticked, all=len(ticket.items)), "soon")
        self._asked_for = ""
        await self.perform(
            MarkReady(order_id=ticket.key),
            act=self._named("ready_act", ticket),
            said=self._said_of("ready", ticket),
            back=TakeBack(order_id=ticket.key, step="ready"),
            signed=True,
        )

    async def action_tick(self) -> None:
        from core.orders.commands import TickLine

        ticket = self._ticket()
        if ticket is None:
            return
        if ticket.is_stopped or ticket.state == "held":
            return await self.action_next_step()
        item = next((item for item in ticket.items if not item.ticked), None)
        if item is None:
            return self.say(self.word("kitchen.all_ticked", number=ticket.number))
        await self.perform(
            TickLine(line_id=item.line_id),
            act=self.word("kitchen.tick_act", number=ticket.number, dish=item.name),
            said=self.word("kitchen.tick_said", number=ticket.number, dish=item.name),
            back=TickLine(line_id=item.line_id, ticked=False),
        )

    async def action_see(self) -> None:
        """I have seen it: a STOP is set aside, a change is read; both by name."""
        from core.orders.commands import AcknowledgeChange, AcknowledgeStop

        ticket = self._ticket()
        if ticket is None:
            return
        if ticket.is_stopped:
            act = self._named("aside_act", ticket)
            return await self.perform(AcknowledgeStop(order_id=ticket.key), act=act, signed=True)
        if ticket.changed is None:
            return self.say(self.word("kitchen.nothing_seen"))
        act = self._named("seen_act", ticket)
        seen = AcknowledgeChange(order_id=ticket.key, rules_version=ticket.changed.version)
        await self.perform(seen, act=act, signed=True)

    async def action_undo(self) -> None:
        """What comes back is chosen again, wherever it lies: the next key is about it."""
        undo = self._undo
        await super().action_undo()
        order_id = getattr(undo.command, "order_id", "") if undo is not None else ""
        if order_id and self.board.choose(order_id):
            self.tick()

    # -- what went wrong ----------------------------------------------------------------------------------------------

    def action_issue(self) -> None:
        from consoles.kit.dialogs import Choice, ChooseScreen

        ticket = self._ticket()
        if ticket is None:
            return
        choices = [Choice(self.word(f"problem.{code}"), code) for code in PROBLEMS]
        choices.append(Choice(self.word("kitchen.cancel_it"), "cancel"))
        title = self.word("kitchen.issue", number=f"{ticket.number}  {ticket.bed}")
        self.app.push_screen(ChooseScreen(title, choices), partial(self._issue_chosen, ticket))

    async def _issue_chosen(self, ticket: Ticket, code: str | None) -> None:
        from consoles.kit.dialogs import AskScreen, Choice, ChooseScreen

        if code is None:
            return
        if code == "cancel":
            question = self.word("kitchen.cancel_ask", number=ticket.number, bed=ticket.bed)
            screen = AskScreen(question, yes=self.word("kitchen.cancel_it"), no=self.word("kitchen.keep_it"))
            self.app.push_screen(screen, partial(self._cancelled, ticket))
        elif ticket.state in CAN_BE_MADE_AGAIN:
            choices = [
                Choice(self.word("kitchen.make_again"), True, self.word("kitchen.make_again_detail")),
                Choice(self.word("kitchen.report_only"), False, self.word("kitchen.report_only_detail")),
            ]
            title = f"{ticket.number}  {self.word(f'problem.{code}')}"
            self.app.push_screen(ChooseScreen(title, choices), partial(self._follow_chosen, ticket, code))
        else:
            await self._report(ticket, code, remake=False)

    async def _follow_chosen(self, ticket: Ticket, code: str, remake: bool | None) -> None:
        if remake is not None:
            await self._report(ticket, code, remake=remake)

    async def _report(self, ticket: Ticket, code: str, *, remake: bool, note: str = "") -> None:
        from core.orders.commands import FlagProblem

        name = self.word(f"problem.{code}")
        act = self.word("kitchen.report_act", number=ticket.number, problem=name)
        await self.perform(FlagProblem(order_id=ticket.key, problem=code, note=note, remake=remake), act=act)

    async def _cancelled(self, ticket: Ticket, sure: bool | None) -> None:
        if sure:
            from core.orders.placing import CancelOrder

            act = self.word("kitchen.cancel_act", number=ticket.number, bed=ticket.bed)
            await self.perform(CancelOrder(order_id=ticket.key, reason="kitchen"), act=act)

    def action_note(self) -> None:
        from consoles.kit.dialogs import TypeScreen

        ticket = self._ticket()
        if ticket is not None:
            title = self.word("kitchen.note_title", number=ticket.number, bed=ticket.bed)
            screen = TypeScreen(title, hint=self.word("kitchen.note_hint"))
            self.app.push_screen(screen, partial(self._note_typed, ticket, "other"))

    async def _note_typed(self, ticket: Ticket, code: str, note: str | None) -> None:
        if note:
            await self._report(ticket, code, remake=False, note=note)

    def truths(self, refusal: Refusal, command: Command | None) -> Sequence[Choice]:
        """What has already happened at the stove can always be told: it is a report, not a permission."""
        from consoles.kit.dialogs import Choice

        order_id = getattr(command, "order_id", "")
        ticket = self.board.cards.get(order_id)
        if ticket is None or refusal.code not in BY_THE_RULES:
            return ()
        cooked = partial(self._tell_cooked, ticket)
        typed = partial(self._tell_in_words, ticket)
        return (
            Choice(self.word("kitchen.cooked_already"), cooked, self.word("kitchen.cooked_already_detail")),
            Choice(self.word("kitchen.tell_in_words"), typed),
        )

    def _tell_cooked(self, ticket: Ticket) -> None:
        self.call_later(self._report, ticket, "cooked_already", remake=False)

    def _tell_in_words(self, ticket: Ticket) -> None:
        from consoles.kit.dialogs import TypeScreen

        title = self.word("kitchen.note_title", number=ticket.number, bed=ticket.bed)
        screen = TypeScreen(title, hint=self.word("kitchen.note_hint"))
        self.app.push_screen(screen, partial(self._note_typed, ticket, "other"))

    # -- looking ------------------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        from consoles.kit.dialogs import TypeScreen

        screen = TypeScreen(self.word("dialog.find"), hint=self.word("kitchen.find_hint"), most=20)
        self.app.push_screen(screen, self._found)

    def _found(self, typed: str | None) -> None:
        if not typed:
            return
        wanted = typed.casefold()
        for key, ticket in self.board.cards.items():
            if wanted in ticket.number.casefold() or wanted in ticket.bed.casefold():
                self.board.choose(key)
                return self.tick()
        self.say(self.word("dialog.found_none", text=typed), "soon")

    def action_bell(self) -> None:
        mono = self.console_app.mono()
        self.ringing.be_silent(mono)
        left = self.ringing.silent_minutes(mono)
        self.say(self.word("kitchen.bell_off", minutes=left) if left else self.word("kitchen.bell_on"))
        self.tick()

    def action_explain(self) -> None:
        ticket = self._ticket()
        if ticket is not None:
            self.run_worker(self._explain(ticket), exclusive=True, group="people")

    async def _explain(self, ticket: Ticket) -> None:
        from kitchen_tui.why import explain

        await explain(self, ticket.key)

    def action_all_day(self) -> None:
        from kitchen_tui.screens.all_day import AllDayScreen

        self.app.push_screen(AllDayScreen())

    def action_out_of_stock(self) -> None:
        from kitchen_tui.screens.stock import StockScreen

        self.app.push_screen(StockScreen())

    def action_recall(self) -> None:
        from kitchen_tui.screens.recall import RecallScreen

        self.app.push_screen(RecallScreen())

    def action_history(self) -> None:
        from kitchen_tui.screens.history import HistoryScreen

        ticket: Any = self._ticket()
        if ticket is not None:
            self.app.push_screen(HistoryScreen(ticket.key, ticket.stay_id, f"{ticket.number}  {ticket.bed}"))
