"""How a meal looks on the wall: number and time, every flag, its dishes, its wish word for word, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.kit.board import Face
from consoles.kit.text import cut, joined, padded, width_of, words, wrapped
from core.words import clock, duration, flag_words, reason_words, state_words, word

if TYPE_CHECKING:
    from core.diets.flags import Flag
    from core.orders.tickets import Item, Ticket

MINUTE_MS = 60_000
SOON_MINUTES, LATE_MINUTES = 20, 10  # to the cart's departure
TALL = 9  # rows from which a tile has room for what is good to know
INDENT = "    "
REVERSED = {"[X]": "flag", "[!]": "flag", "[?]": "flag", "[=]": "strong", "[H]": "strong", "[G]": "strong"}
PORTIONS = {1: "1/2", 2: "1", 3: "1 1/2", 4: "2", 5: "2 1/2", 6: "3", 7: "3 1/2", 8: "4"}


def paint(ticket: Ticket, width: int, rows: int, now: int, gone: bool, language: str) -> Face:
    """The face of one card. gone: it has left the board, and its place waits to be tidied."""
    if gone:
        return Face(ticket.bed, Text(), (), (words(f"{ticket.number}", "quiet"),))
    tall = rows >= TALL
    body = [line for flag in ticket.flags for line in flag_lines(flag, width, language)]
    body += _reason_lines(ticket, width, language)
    gap = [Text()] if tall else []
    body += gap + [line for item in ticket.items for line in _item_lines(item, width, held=ticket.state == "held")]
    body += _wish_lines(ticket, width, gap, tall=tall, language=language)
    if tall and ticket.is_stopped:
        body += gap + [words(line, "flag") for line in wrapped(word("kitchen.do_not_send", language), width)]
        body += [words(line) for line in wrapped(word("kitchen.set_aside", language), width)]
    foot = _tall_foot(ticket, width, now, language) if tall else _low_foot(ticket, width, now, language)
    return Face(ticket.bed, due(ticket, now, language, wide=tall), tuple(body), tuple(foot))


def flag_lines(flag: Flag, width: int, language: str) -> list[Text]:
    """One flag, complete: what does not fit on its line goes on below it."""
    full = flag_words(flag.code, flag.arguments, language)
    token = REVERSED.get(full[:3], "mark")
    if width_of(full) <= width:
        return [words(full, token)]
    short = flag_words(flag.code, {}, language)
    if full.startswith(short) and width_of(short) <= width:
        rest = wrapped(full[len(short) :].strip(" ,"), width - len(INDENT))
        return [words(short, token), *(words(INDENT + line, token) for line in rest)]
    head, *more = wrapped(full, width)
    rest = wrapped(" ".join(more), width - len(INDENT))
    return [words(head, token), *(words(INDENT + line, token) for line in rest)]


def due(ticket: Ticket, now: int, language: str, *, wide: bool) -> Text:
    """The right end of a card's first row: what is most urgent about it."""
    if ticket.is_stopped:
        return words(word("mark.stop", language), "flag")
    if ticket.changed is not None:
        return words(word("mark.changed", language), "soon")
    if ticket.first:
        return words(word(f"due.first_{ticket.first}", language), "strong")
    left = (ticket.leaves_at - now) // MINUTE_MS
    if left < 0:
        return words(word("due.past", language, minutes=f"{-left:02}"), "late")
    name, token = (
        ("late", "late") if left <= LATE_MINUTES else ("soon", "soon") if left <= SOON_MINUTES else ("left", "")
    )
    said = word(f"due.{name}", language, minutes=f"{left:02}")
    head, _, tail = said.rpartition(" ")
    return words(f"{head:<8}{tail}" if wide and head else said, token)


def _reason_lines(ticket: Ticket, width: int, language: str) -> list[Text]:
    """Why it is held, and what it was before it changed."""
    lines: list[str] = []
    if ticket.state == "held":
        lines.append(word("kitchen.held_ward", language, extension=ticket.extension or "-"))
        told = [flag.code for flag in ticket.flags]
        if ticket.held_for not in told:
            lines.append(reason_words(ticket.held_for, {}, language, staff=True))
    if ticket.changed is not None:
        was = " + ".join(word(f"component.{code}", language) for code in ticket.changed.was).upper()
        was = was or " + ".join(ticket.changed.instead_of)
        time = clock(ticket.changed.at)
        lines.append(
            word("mark.was_until", language, old=was, time=time)
            if was
            else word("kitchen.changed_at", language, time=time)
        )
    return [words(INDENT + piece, "soon") for line in lines for piece in wrapped(line, width - len(INDENT))]


def _item_lines(item: Item, width: int, *, held: bool) -> list[Text]:
    mark = INDENT if held else "(v) " if item.ticked else "( ) "
    token = "done" if item.ticked and not held else ""
    portion = PORTIONS.get(item.halves, f"{item.halves}/2")
    room = width - len(INDENT) - 2 - len(portion)
    name = cut(item.name, width - len(INDENT))
    if width_of(name) < room:
        return [words(f"{mark}{padded(name, room)}{portion}", token)]
    if width_of(name) + 1 + len(portion) <= width - len(INDENT):
        return [words(f"{mark}{name} {portion}", token)]
    return [words(f"{mark}{name}", token), words(f"{portion:>{width - 2}}", token)]


def _wish_lines(ticket: Ticket, width: int, gap: Sequence[Text], *, tall: bool, language: str) -> list[Text]:
    if not ticket.wish:
        return []
    indent = "" if tall else INDENT
    said = word("kitchen.wish", language, wish=ticket.wish)
    return [*gap, *(words(indent + line) for line in wrapped(said, width - len(indent)))]


def _low_foot(ticket: Ticket, width: int, now: int, language: str) -> list[Text]:
    if ticket.is_stopped:
        was = word("kitchen.was_state", language, state=state_words(f"order.{ticket.state}", language))
        aside = word("kitchen.press_aside", language)
        return [words(cut(f"{ticket.number} {was}", width)), words(cut(aside, width), "strong")]
    if ticket.changed is not None:
        return [words(cut(f"{ticket.number} {word('kitchen.press_seen', language)}", width), "strong")]
    return [joined(words(f"{ticket.number} "), _state(ticket, now, language))]


def _tall_foot(ticket: Ticket, width: int, now: int, language: str) -> list[Text]:
    place = word("kitchen.place_phone", language) if ticket.placed_by_patient else ticket.placed_by
    ordered = word("kitchen.ordered", language, time=clock(ticket.placed_at), place=place)
    about = words(cut(f"{ticket.number}  {ordered}", width))
    if ticket.is_stopped:
        was = word("kitchen.was_state", language, state=state_words(f"order.{ticket.state}", language))
        aside = word("kitchen.press_aside_wide", language)
        return [*(words(line, "strong") for line in wrapped(aside, width)), about, words(cut(was, width))]
    done = word("kitchen.ticked_items", language, done=ticket.ticked, all=len(ticket.items))
    state = _state(ticket, now, language)
    if ticket.cook and ticket.state == "cooking":
        state = joined(state, words(f"   {ticket.cook}"))
    first = words(done if ticket.state != "held" else "", "quiet")
    if ticket.changed is not None:
        first = words(word("kitchen.press_seen", language), "strong")
    return [first, about, state]


def _state(ticket: Ticket, now: int, language: str) -> Text:
    age = duration(now - ticket.state_at, language)
    name = state_words(f"order.{ticket.state}", language)
    said = f"{name} {age}" if ticket.state in ("cooking", "held") else name
    problem = words(f"  {word('mark.problem', language)}", "soon") if ticket.problem else Text()
    default = words(f"  {word('mark.default', language)}", "quiet") if ticket.default else Text()
    return joined(words(said, "soon" if ticket.state == "held" else ""), default, problem)


def state_line(ticket: Ticket, language: str) -> str:
    """`READY  L-0401  A-009`: for the message line."""
    return f"{state_words(f'order.{ticket.state}', language)}  {ticket.number}  {ticket.bed}"
