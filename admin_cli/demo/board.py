"""How the launcher looks (screens.md §11.2): rows of 80 cells from what stands and what just happened. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import segno
from rich.text import Text

from admin_cli.demo.counted import Counted
from admin_cli.demo.journal import Happening
from consoles.kit.text import cut, fitted, joined, padded, sides, words, wrapped
from core.words import word

WIDTH, LEFT, BOX = 80, 49, 29
QR_ROWS = 15
HAPPENINGS = 4
SUMS = 15  # the column at which the sums of NOTHING LOST begin
MESSAGE_ROWS = 3
NAMES = ("kitchen", "ward", "clinical", "admin")
HALF = {(True, True): " ", (True, False): "\u2584", (False, True): "\u2580", (False, False): "\u2588"}  # light on dark

KEYS = (
    ("1-4", "open"),
    ("x", "network"),
    ("k", "server"),
    ("b", "busy"),
    ("t", "tour"),
    ("w", "wifi"),
    ("a", "all"),
    ("?", "help"),
    ("q", "leave"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything the launcher says. clock: 12:12. people: console -> who and PIN. offset_ms: the hospital's zone."""

    clock: str
    people: dict[str, tuple[str, str]]
    server_up: bool = True
    network_up: bool = True
    busy: bool = False
    wifi: bool = False
    address: str = ""  # of the patient's page, for a phone or this machine's browser
    bed: str = ""
    birth_date: str = ""
    hospital_number: str = ""
    happenings: Sequence[Happening] = field(default_factory=tuple)
    counted: Counted = field(default_factory=Counted)
    message: str = ""
    language: str = "en"
    offset_ms: int = 0


def rows(shown: Shown) -> list[Text]:
    """The 24 rows."""
    say = _Words(shown.language)
    left = [*_consoles(shown, say), *_things(shown, say), *_happened(shown, say)]
    right = _box(shown, say)
    middle = [_side_by_side(left, right, place) for place in range(15)]
    return [_top(shown, say), words("-" * WIDTH, "rule"), *middle, *_foot(shown, say)]


@dataclass(frozen=True, slots=True)
class _Words:
    language: str

    def __call__(self, key: str, **detail: str | int) -> str:
        return word(f"demo.{key}", self.language, **detail)


def _top(shown: Shown, say: _Words) -> Text:
    server = words(say("server_up" if shown.server_up else "server_down"), "live" if shown.server_up else "flag")
    network = words(say("network_up" if shown.network_up else "network_cut"), "live" if shown.network_up else "flag")
    right = joined(server, words("   "), network, words("   "), words(shown.clock, "strong"))
    title = words(cut(f" {say('title')}", WIDTH - len(right.plain) - 1), "strong")
    return joined(title, words(" " * (WIDTH - len(title.plain) - len(right.plain))), right)


def _consoles(shown: Shown, say: _Words) -> list[Text]:
    head = f" {padded(say('open_a_console'), 30)}{padded(say('who'), 12)}{say('pin')}"
    listed = [words(head, "quiet")]
    for place, name in enumerate(NAMES, start=1):
        who, pin = shown.people.get(name, ("", ""))
        line = f"  {place}  {padded(name, 10)}{padded(say(name), 15)}{padded(who, 12)}"
        listed.append(joined(words(line), words(pin, "soon")))
    return listed


def _things(shown: Shown, say: _Words) -> list[Text]:
    def pair(first: str, second: str) -> Text:
        return words(f"  {padded(first, 24)}{second}")

    def thing(letter: str, name: str) -> str:
        return f"{letter}  {word(f'key.demo.{name}_wide', shown.language)}"

    wifi = say("wifi_on" if shown.wifi else "wifi_off")
    return [
        words(f" {say('make_things_happen')}", "quiet"),
        pair(thing("x", "network"), thing("k", "server")),
        pair(thing("b", "busy") + (" *" if shown.busy else ""), thing("t", "tour")),
        words(cut(f"  {thing('w', 'wifi')}  {wifi}", LEFT)),
        words(f"  {thing('a', 'all')}"),
    ]


def _happened(shown: Shown, say: _Words) -> list[Text]:
    listed = [words(f" {say('happened')}", "quiet")]
    for one in shown.happenings[:HAPPENINGS]:
        at = _clock(one.at + shown.offset_ms)
        what = say(f"did_{one.what}", bed=one.bed, number=one.number)
        where = say("still_on_its_way") if one.ms is None else say(f"shown_{one.seen_by}", ms=one.ms)
        listed.append(joined(words(f" {at} ", "quiet"), words(padded(what, 20)), words(cut(where, 18), "done")))
    if not shown.happenings:
        listed.append(words(cut(f" {say('happened_none')}", LEFT), "quiet"))
    return listed


def _box(shown: Shown, say: _Words) -> list[Text]:
    edge = words("+" + "-" * (BOX - 2) + "+", "rule")
    if shown.wifi and shown.address:
        return [words(line, "text") for line in qr(shown.address)]
    room = BOX - 4
    text = say("open_browser")
    lines = ["", *wrapped(text, room)]
    inside = [*lines, *[""] * (QR_ROWS - 2 - len(lines))][: QR_ROWS - 2]
    body = [joined(words("| ", "rule"), words(padded(line, room), "quiet"), words(" |", "rule")) for line in inside]
    return [edge, *body, edge]


def qr(address: str) -> list[str]:
    """A QR code in half blocks, two modules a cell, quiet zone included; light on dark, as phones read it."""
    matrix = [[bool(module) for module in row] for row in segno.make(address.upper(), error="l").matrix_iter(border=2)]
    if len(matrix) % 2:
        matrix.append([False] * len(matrix[0]))
    pairs = zip(matrix[::2], matrix[1::2], strict=True)
    return ["".join(HALF[(upper, lower)] for upper, lower in zip(*pair, strict=True)) for pair in pairs]


def _foot(shown: Shown, say: _Words) -> list[Text]:
    counted = shown.counted
    well = counted.is_well
    sums = say("acts", acts=counted.acts, confirmed=counted.confirmed, refused=counted.refused)
    rest = say("acts_rest", waiting=counted.waiting, lost=counted.lost, twice=counted.twice)
    token = "done" if well else "flag"
    lost = say("nothing_lost") if well else say("acts_wrong")
    who = {"bed": shown.bed, "date": shown.birth_date, "number": shown.hospital_number}
    patient = say("patient_line", **who) if shown.bed else ""
    address = shown.address.removeprefix("http://")
    left = joined(words(f" {lost}", token), words(" " * max(2, SUMS - 1 - len(lost))), words(sums))
    first = sides(left, words(f" {address}"), WIDTH)
    second = sides(words(f"{' ' * SUMS}{rest}"), words(f" {patient}", "quiet"), WIDTH)
    bar = "  ".join(f"{key} {word(f'key.demo.{name}', shown.language)}" for key, name in KEYS)
    told = [words(f" {line}", "soon") for line in wrapped(shown.message, WIDTH - 2, most=MESSAGE_ROWS)]
    room = [words("")] * (MESSAGE_ROWS - len(told))
    return [first, second, words("-" * WIDTH, "rule"), *told, *room, words(cut(f" {bar}", WIDTH), "quiet")]


def _side_by_side(left: list[Text], right: list[Text], place: int) -> Text:
    first = left[place] if place < len(left) else words("")
    second = right[place] if place < len(right) else words("")
    return joined(fitted(first, LEFT - 1), words(" "), second)


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).strftime("%H:%M:%S")
