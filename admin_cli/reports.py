"""`dusangire reports`: what a day was, from the server's store or offline from this machine's console."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown

if TYPE_CHECKING:
    from admin_cli.place import Place
    from core.reports.day import DayReport, DayRow

app = typer.Typer(
    help="What a day was: meals, states, francs.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
COLUMNS = (
    "day",
    "meal",
    "ward",
    "method",
    "state",
    "orders",
    "due_francs",
    "charged_francs",
    "cash_francs",
    "on_account_francs",
)


@app.callback()
def every_report() -> None:
    """What a day was: meals, states, francs."""


@app.command()
def day(
    day: Annotated[str, typer.Argument(metavar="[DAY]", help="today, yesterday, or a day like 2026-11-24.")] = "today",
    as_json: shown.Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For spreadsheets: a line a row.")] = False,
    console: shown.Console = False,
) -> None:
    """One hospital day: orders by meal, ward, method and state, and the francs.

    JSON: {day, source, at, age_ms, orders, given, states, wards, francs, rows: [the columns of --csv]}. An amount that
    this machine does not know is null, and an empty cell in CSV.
    """
    from admin_cli.days import day_of
    from admin_cli.place import reading
    from core.reports.day import report_day

    with reading(console=console) as place, place.store.reading() as connection:
        report = report_day(connection, day_of(day, now=place.at), money=place.money)
    rows = [_row(report.day, row) for row in report.rows]
    if as_json:
        return shown.as_json(_document(report, place, rows))
    if as_csv:
        return shown.as_csv(COLUMNS, rows)
    _print(report, place)


def _row(day: str, row: DayRow) -> dict[str, Any]:
    francs = row.francs
    return {
        "day": day,
        "meal": row.meal,
        "ward": row.ward_id,
        "method": row.method,
        "state": row.state,
        "orders": row.orders,
        "due_francs": None if francs is None else francs.due,
        "charged_francs": None if francs is None else francs.charged,
        "cash_francs": None if francs is None else francs.cash,
        "on_account_francs": None if francs is None else francs.on_account,
    }


def _document(report: DayReport, place: Place, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "day": report.day,
        "source": place.name,
        "at": place.at,
        "age_ms": place.age_ms,
        "orders": report.orders,
        "given": report.given,
        "states": report.states(),
        "wards": report.wards(),
        "francs": None if report.francs is None else asdict(report.francs),
        "rows": rows,
    }


def _print(report: DayReport, place: Place) -> None:
    from core.words import state_words, word

    rows = [
        (
            word(f"meal.{row.meal}"),
            row.ward_id,
            row.method or "?",
            state_words(f"order.{row.state}"),
            str(row.orders),
            *_amounts(row),
        )
        for row in report.rows
    ]
    columns = ("meal", "ward", "paid by", "state", "orders", "cost", "charged", "cash", "on account")
    shown.as_table(columns, rows, empty=f"No meals on {report.day}.")
    typer.echo(f"{report.day}: {report.orders} orders, {report.given} given.{_money(report)}")
    typer.echo(place.as_of())


def _amounts(row: DayRow) -> tuple[str, ...]:
    if row.francs is None:
        return ("?", "?", "?", "?")
    francs = row.francs
    return tuple(f"{amount:,}" for amount in (francs.due, francs.charged, francs.cash, francs.on_account))


def _money(report: DayReport) -> str:
    from core.words import money

    if report.francs is None:
        return " Francs are known to the server and the admin's console."
    francs = report.francs
    return f" {money(francs.charged)} charged: {money(francs.cash)} cash, {money(francs.on_account)} on account."
