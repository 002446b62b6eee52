"""The patient's card: flags, what holds when, today's meals; at the right an order before it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.strip import Strip

from consoles.clinical.card_lines import left_lines
from consoles.clinical.flag_rows import flag_texts, packed
from consoles.clinical.record import record_lines
from consoles.clinical.screen import ClinicalScreen
from consoles.clinical.seen_line import Reached, every_holder, seen_lines
from consoles.clinical.signed_acts import SignedActs
from consoles.kit.keybar import key
from consoles.kit.lines import WIDE, Lines, Rule
from consoles.kit.text import joined, sides, words
from core.words import day

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.care.card import Card
    from sync.client.seen import SeenBy

ORDERS = "clinical.diet_order clinical.nil_by_mouth clinical.hold_trays clinical.allergy clinical.order_meal"
SIGNED = "clinical.allow clinical.verbal clinical.sign kit.why"
OTHERS = "kit.next_box kit.back | kit.help"
LOW_ROWS = 16
LOOK_AGAIN_MS, LOOK_SELDOM_MS = 1_000, 10_000


@dataclass(frozen=True, slots=True)
class CardRows:
    """What the store said at one asking. card None: this console does not hold the patient any more."""

    card: Card | None
    pending: bool
    seen: SeenBy | None


class Divider(Lines):
    """The bar between two halves."""

    def render_line(self, y: int) -> Strip:
        return self.look.strip(words("|", "rule"), self.size.width)


class CardScreen(SignedActs, ClinicalScreen):
    """Nothing is saved by looking. What the keys do is in `CardActs` and `SignedActs`."""

    CSS_PATH = "card.tcss"
    HAS_MESSAGES = False  # it has its own place, above the seen-by line
    WATCHES = (
        "stay",
        "diet_profile",
        "allergy",
        "diet_order",
        "tray_hold",
        "order",
        "order_line",
        "service",
        "dish_facts",
        "dish",
        "diet_attempt",
        "allowance",
        "hand_over",
        "policy",
        "person",
        "op",
        "outcome",
        "seen",
    )
    HELP_WORDS = "clinical_card"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("d", "diet", "clinical.diet_order", first=True),
        key("m", "fasting", "clinical.nil_by_mouth", first=True),
        key("h", "hold", "clinical.hold_trays", first=True),
        key("a", "allergy", "clinical.allergy", first=True),
        key("o", "meal", "clinical.order_meal", first=True),
        key("i", "isolate", "clinical.isolate", first=True),
        key("w", "allow", "clinical.allow", first=True),
        key("v", "verbal", "clinical.verbal", first=True),
        key("g", "sign", "clinical.sign", first=True),
        key("e", "explain", "kit.why"),
        key("enter", "save", "clinical.save"),
        key("tab", "next_box", "kit.next_box"),
        key("shift+tab", "box_before", "clinical.box_before"),
        key("escape", "step_back", "kit.back"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("clinical.nil_by_mouth clinical.hold_trays kit.next_box | kit.help",),
        60: (ORDERS, f"{SIGNED} clinical.isolate {OTHERS}"),
        120: (f"{ORDERS} {SIGNED} | kit.help",),
    }

    def __init__(self, stay_id: str, *, opens: str = "") -> None:
        """opens: the act that opens with the card, as soon as it is read."""
        super().__init__()
        self.stay_id, self._opens = stay_id, opens
        self.rows: CardRows | None = None
        self._looked_at = -LOOK_SELDOM_MS

    # -- what it is made of -------------------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        yield Lines([Text()], id="flags")
        yield Rule()
        with Horizontal(id="halves"):
            yield Lines(id="left")
            yield Divider(id="bar")
            right = VerticalScroll(Lines([Text()], id="record"), id="right")
            right.can_focus = False
            yield right
        yield Lines([Text()], id="said")
        yield Lines([Text()], id="seen")

    @property
    def is_wide(self) -> bool:
        return self.app.size.width >= WIDE

    def on_resize(self) -> None:
        super().on_resize()
        self.set_class(self.is_wide, "-wide")
        self.call_after_refresh(self.draw)

    def restyled(self) -> None:
        super().restyled()
        self.draw()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        card = self.card
        if card is None or self.is_locked:
            return self.lead()
        bed = card.stay.bed_id or card.stay.ward_id
        left, between = self.lead(self.word("clinical.patient", bed=bed))
        about = [self.word("clinical.ward_bed", ward=card.stay.ward_id, bed=bed)] if self.is_wide else []
        if card.born:
            about.append(self.word("clinical.age_years", years=_years(card.born, card.at)))
        about.append(self.word("clinical.in_since", day=day(card.stay.opened_at, self.language).partition(" ")[2]))
        return ([*left, *(words(part) for part in about)], between)

    # -- asking -------------------------------------------------------------------------------------------------------

    @property
    def card(self) -> Card | None:
        return self.rows.card if self.rows is not None else None

    def ask(self, db: Connection) -> CardRows | None:
        from core.care.card import card_of
        from core.store import queue

        door = self.console_app.store.door
        if self.is_locked or door is None:
            return None
        with self.looking(db) as tx:
            card = card_of(tx, db, self.stay_id, language=self.language)
        pending = bool(queue.shadows_of(db, [("diet_profile", self.stay_id)]))
        return CardRows(card, pending, door.seen_by(self.stay_id))

    def show(self, rows: CardRows) -> None:
        self.rows = rows
        self.draw()
        self.foresee_soon()
        self._look()
        self.tick()
        opens, self._opens = self._opens, ""
        if opens:
            self.call_later(self.run_action, opens)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def draw(self) -> None:
        rows = self.rows
        if rows is None or self.is_locked or not self.is_attached:
            return
        left, record = self.query_one("#left", Lines), self.query_one("#record", Lines)
        if rows.card is None:
            return left.tell([words(f" {self.word('clinical.card_gone')}", "soon")])
        card, language = rows.card, self.language
        flags = packed(flag_texts(card.flags, language, card.counting), self.app.size.width - 1)
        self.query_one("#flags", Lines).tell(flags or [words(self.word("clinical.no_flags"), "quiet")])
        if left.size.width:
            left.tell(left_lines(card, left.size.width - 1, left.size.height, language))
        width = self.query_one("#right").size.width or self.app.size.width
        told = record_lines(card, max(20, width - 1), language, waiting=card.waiting, allowed=card.allowed)
        record.tell(told)
        self._show_seen()

    def tick(self) -> None:
        super().tick()
        self._show_seen()
        self._look()

    def reached(self) -> Reached | None:
        rows, standing = self.rows, self.console_app.standing
        if rows is None or rows.card is None:
            return None
        linked = standing is not None and standing.live
        contact_at = standing.last_contact_at if standing is not None else None
        return Reached(rows.card, rows.seen, rows.pending, linked, contact_at)

    def holders(self) -> Sequence[tuple[str, str]]:
        reached = self.reached()
        return every_holder(reached, self.console_app.now(), self.language) if reached is not None else ()

    def _show_seen(self) -> None:
        reached = None if self.is_locked else self.reached()
        if reached is None:
            return
        width = self.app.size.width
        low = self.app.size.height < LOW_ROWS
        lines = seen_lines(reached, self.console_app.now(), width, self.language, rows=1 if self.is_wide or low else 2)
        for line in self.query("#seen").results(Lines):
            line.tell(lines)
            line.display = not (low and self.pane is not None)

    def _look(self) -> None:
        """Asks who has it: often while somebody has not, seldom when all have. Only while there is a link."""
        reached, door, mono = self.reached(), self.console_app.store.door, self.console_app.mono()
        if reached is None or door is None or not reached.linked or self.is_locked:
            return
        wait = LOOK_AGAIN_MS if reached.waits_for_somebody else LOOK_SELDOM_MS
        if mono - self._looked_at >= wait:
            self._looked_at = mono
            door.look_for(self.stay_id)

    def look_now(self) -> None:
        """Something was saved here: who has it is asked anew."""
        self._looked_at = -LOOK_SELDOM_MS
        self._look()

    def _show_message(self) -> None:
        left = self._undo.seconds_left(self.console_app.mono()) if self._undo is not None else 0
        right = words(self.word("undo.left", seconds=left), "soon") if left else Text()
        width, told = self.app.size.width, words("-" * self.app.size.width, "rule")
        if self._said.plain or left:
            told = sides(joined(" ", self._said), joined(right, " "), width)
        for line in self.query("#said").results(Lines):  # none while it opens or closes
            line.tell([told])

    # -- where --------------------------------------------------------------------------------------------------------

    def action_step_back(self) -> None:
        """Out of the order that is not saved; out of the right half; then off the card."""
        if self.pane is not None:
            self.close_pane()
        elif self.has_class("-right") and not self.is_wide:
            self.remove_class("-right")
            self.call_after_refresh(self.draw)
        else:
            super().action_step_back()

    def action_next_box(self) -> None:
        """The next field of an order; on a small screen the other half of the card."""
        if self.pane is not None:
            self.focus_next()
        elif not self.is_wide:
            self.toggle_class("-right")
            self.call_after_refresh(self.draw)

    def action_box_before(self) -> None:
        if self.pane is not None:
            self.focus_previous()


def _years(born: str, at: int) -> int:
    """Whole years of age: a birthday is a day of the calendar, so years are counted, not days."""
    from datetime import UTC, datetime

    today = datetime.fromtimestamp((at + 2 * 3_600_000) / 1_000, UTC).date()
    year, month, day_of_month = (int(part) for part in born.split("-"))
    return today.year - year - ((today.month, today.day) < (month, day_of_month))
