"""The boxes of the overview as rows: pure, from what the store said to what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.admin import naming
from consoles.kit.table import Column, TableRow
from consoles.kit.text import joined, padded, width_of, words
from core.words import clock, duration, money, word

if TYPE_CHECKING:
    from core.reports.events import Happening
    from core.reports.needs import Need
    from core.reports.overview import DeviceNow, MealsNow, WardNow
    from core.reports.performance import Given, MoneyToday, Performance

MINUTE_MS = 60_000
STEPS = ("confirmed", "cooking", "ready", "on_the_way", "delivered")
BAR_CELLS = 32
FULL, OVERFULL = 85, 95  # percent of a ward's beds
GRAVE = {"stop": "flag", "held": "flag", "beds": "soon", "refused": "soon"}
PLOT_BANDS = (15, 30, 45, 60)  # minutes from order to bed
PLOT_COLUMNS = 12  # five minutes each

MEAL_COLUMNS = (Column("", 12), Column("", 4, right=True), Column(""))
LEAST = {"occupied": 11, "last_sync": 10, "waiting": 9, "refused": 7, "rules": 9}
FIGURE_COLUMNS = (Column(""),)
REFUSED_COLUMNS = (Column(""), Column("", 5, right=True))


def need_columns(language: str, *, tiny: bool = False) -> tuple[Column, ...]:
    """Kind, number and bed, what is wrong, who looks after it, since when. tiny: the rest is under Enter."""
    kinds = ("stop", "held", "beds", "money", "case", "refused", "device")
    widest = max(width_of(word(f"case_title.{kind}", language)) for kind in kinds)
    if tiny:
        return (Column("", widest), Column(""), Column("", 7, right=True))
    return (Column("", widest), Column("", 15), Column(""), Column("", 8), Column("", 7, right=True))


def ward_columns(language: str, *, tiny: bool = False) -> tuple[Column, ...]:
    names = ("occupied", "no_order_yet") if tiny else ("beds", "occupied", "no_order_yet", "fasting", "out")
    return (Column(""), *_figure_columns(names, language))


def device_columns(language: str, *, tiny: bool = False) -> tuple[Column, ...]:
    names = ("last_sync", "refused") if tiny else ("last_sync", "waiting", "refused", "rules")
    return (Column(""), *_figure_columns(names, language))


def _figure_columns(names: Sequence[str], language: str) -> list[Column]:
    """As wide as their heads, and never too narrow for what stands under them."""
    titles = {name: word(f"admin.{name}", language) for name in names}
    return [
        Column(title, max(LEAST.get(name, 4), width_of(title)), right=name != "last_sync")
        for name, title in titles.items()
    ]


def heads(columns: Sequence[Column]) -> Text:
    """The heads of all columns but the first, which stands under the box's name."""
    cells = [padded(column.title, column.width, right=column.right) for column in columns[1:]]
    return words(" ".join(cells), "quiet")


def need_rows(needs: Sequence[Need], now: int, language: str, *, tiny: bool = False) -> list[TableRow]:
    return [TableRow(need.key, _need_cells(need, now, language, tiny=tiny)) for need in needs]


def _need_cells(need: Need, now: int, language: str, *, tiny: bool) -> tuple[str | Text, ...]:
    label = words(word(f"case_title.{need.kind}", language), GRAVE.get(need.kind, "strong"))
    subject, age = naming.subject(need, language), duration(now - need.since, language)
    if tiny:
        return (label, subject, age)
    return (label, subject, naming.what(need, now, language), words(naming.owner(need, language), "quiet"), age)


def meal_rows(meals: MealsNow, language: str) -> list[TableRow]:
    most = max((meals.counts[group] for group in STEPS), default=0)
    each = max(2, -(-most // BAR_CELLS))  # meals to one mark
    rows = []
    for group in STEPS:
        count = meals.counts[group]
        bar = joined(words("#" * -(-count // each), "done" if group == "delivered" else "live"))
        rows.append(TableRow(f"meals:{group}", (word(f"admin.{group}", language), str(count), bar)))
    return rows


def rest_rows(meals: MealsNow, language: str) -> list[TableRow]:
    """The meals that are on no step."""
    if meals.service is None:
        return []
    counts = {group: meals.counts[group] for group in ("held", "cancelled", "not_delivered")}
    return [TableRow("rest:all", (word("admin.meals_rest", language, stopped=meals.stopped, **counts),))]


def ward_rows(wards: Sequence[WardNow], language: str, *, tiny: bool = False) -> list[TableRow]:
    return [_ward_row(ward, language, tiny=tiny) for ward in wards]


def _ward_row(ward: WardNow, language: str, *, tiny: bool) -> TableRow:
    name = f"{ward.ward_id}, {word('admin.first', language)}" if ward.first else ward.ward_id
    mark = "^^" if ward.percent >= OVERFULL else "^" if ward.percent >= FULL else ""
    token = "late" if mark == "^^" else "soon" if mark else ""
    width = ward_columns(language, tiny=tiny)[1 if tiny else 2].width
    share = words(f"{f'{ward.occupied} {ward.percent:>3}% {mark:<2}':>{width}}", token)
    figures = [str(count) for count in (ward.unordered, ward.fasting, ward.out)]
    if tiny:
        return TableRow(f"ward:{ward.ward_id}", (name, share, figures[0]))
    return TableRow(f"ward:{ward.ward_id}", (name, str(ward.beds), share, *figures))


def device_rows(devices: Sequence[DeviceNow], now: int, language: str, *, tiny: bool = False) -> list[TableRow]:
    return [_device_row(device, now, language, tiny=tiny) for device in devices]


def _device_row(device: DeviceNow, now: int, language: str, *, tiny: bool) -> TableRow:
    heard = device.heard
    unknown = word("admin.unknown", language)
    silent = now - heard.at if heard is not None and heard.at is not None else 0
    name = words(
        f"{device.name} ^" if silent >= 2 * MINUTE_MS else device.name, "soon" if silent >= 15 * MINUTE_MS else ""
    )
    if heard is None:
        cells: tuple[str, str, str] = (unknown, unknown, unknown)
    else:
        waiting = unknown if heard.waiting is None else str(heard.waiting)
        cells = (age(heard.at, now, language), waiting, _rules(heard.rules_at, now, language))
    width = device_columns(language, tiny=tiny)[2 if tiny else 3].width
    refused = words(f"{device.refused:>{width}}", "late" if device.refused else "")
    listed = (name, cells[0], refused) if tiny else (name, cells[0], cells[1], refused, cells[2])
    return TableRow(f"device:{device.id}", listed)


def age(at: int | None, now: int, language: str) -> str:
    """`now`, `6 min`, `never`."""
    if at is None:
        return word("admin.never", language)
    return word("admin.now", language) if now - at < MINUTE_MS else duration(now - at, language)


def _rules(at: int | None, now: int, language: str) -> str:
    """As old as the last contact: told by the clock once it is not of this minute."""
    if at is None:
        return word("admin.never", language)
    return word("admin.now", language) if now - at < MINUTE_MS else clock(at)


def service_rows(found: Performance, language: str) -> list[TableRow]:
    none = word("admin.not_yet", language)
    half, most = (none if minutes is None else minutes for minutes in (found.half_minutes, found.most_minutes))
    speed = word("admin.order_to_bed", language, half=half, most=most)
    parts = [
        word("admin.on_time", language, percent=naming.share(found.on_time, language)),
        word("admin.scanned_match", language, percent=naming.share(found.scanned, language)),
        word("admin.issues_per_100", language, count=naming.share(found.issues, language)),
    ]
    first = joined(words(f"{word('admin.service_today', language)}   ", "strong"), words(speed))
    return [TableRow("service:speed", (first,)), TableRow("service:quality", ("   ".join(parts),))]


def money_rows(found: MoneyToday, language: str) -> list[TableRow]:
    booked = [
        word("admin.money_cash", language, francs=money(found.cash)),
        word("admin.money_account", language, francs=money(found.on_account)),
    ]
    open_ones = [
        word("admin.money_to_collect", language, francs=money(found.to_collect)),
        word("admin.money_owed_back", language, francs=money(found.owed_back)),
    ]
    first = joined(words(f"{word('admin.money_today', language)}  ", "strong"), words("   ".join(booked)))
    return [TableRow("money:booked", (first,)), TableRow("money:open", ("   ".join(open_ones),))]


def refused_rows(refused: Sequence[tuple[str, int]], needs: Sequence[Need], language: str) -> list[TableRow]:
    """Each reason by the words of its oldest case in point."""
    said = {need.code: naming.whole(need, language)[0] for need in reversed(needs) if need.outcome}
    return [TableRow(f"refused:{code}", (said.get(code, code), str(count))) for code, count in refused]


def event_words(one: Happening, language: str) -> str:
    """`12:11 READY L-0401 A-009 cook 2`."""
    by = one.by or word("admin.by_patient", language) if one.code in ("order", "cancelled") else one.by
    said = (clock(one.at), word(f"event.{one.code}", language), one.number, one.bed, by)
    return " ".join(part for part in said if part)


def plot_lines(given: Sequence[Given], now: int, language: str) -> list[Text]:
    """Meals that reached a bed in the last hour: when across, how long they took upwards, so many at each place."""
    counts: dict[tuple[int, int], int] = {}
    for one in given:
        column = PLOT_COLUMNS - 1 - (now - one.given_at) // (5 * MINUTE_MS)
        if 0 <= column < PLOT_COLUMNS:
            band = sum(one.minutes >= least for least in PLOT_BANDS)
            counts[(band, column)] = counts.get((band, column), 0) + 1
    title = joined(
        words(word("admin.last_hour", language), "strong"), words(f"   {word('admin.plot', language)}", "quiet")
    )
    lines = [title]
    for band in reversed(range(len(PLOT_BANDS) + 1)):
        marks = [_mark(counts.get((band, column), 0)) for column in range(PLOT_COLUMNS)]
        label = f"{PLOT_BANDS[band - 1]:>3}+" if band else "  0+"
        lines.append(joined(words(f" {label} |", "quiet"), *marks))
    return [*lines, words(f"       {clock(now - 60 * MINUTE_MS):<40}{clock(now):>8}", "quiet")]


def _mark(count: int) -> Text:
    mark = "" if not count else str(count) if count < 10 else "9+"
    return joined(" " * (4 - len(mark)), words(mark, "live"))
