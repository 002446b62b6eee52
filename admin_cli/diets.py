"""`dusangire diets`: what the rules say of a case that somebody describes, without any hospital behind it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import shown

if TYPE_CHECKING:
    from core.reports.what_if import Answer

app = typer.Typer(
    help="What the diet rules say of a case that you describe.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
FORMAT = """Judges a what-if case from a JSON file, or from stdin when FILE is -. Prints JSON.

\b
{"at": "2026-11-24T12:00:00+02:00",        when it is judged; default: the serving time
 "serve_at": "2026-11-24T12:30:00+02:00",  when it is eaten
 "rules_age_minutes": 0,                   how old the console's knowledge is
 "patient": {
   "allergies": ["peanut", "palm_oil"],    codes of allergens or ingredients
   "allergies_asked": true,                default: true when an allergy is named
   "unmatched_allergy": false,             an allergy in free text that nobody has matched
   "stay_open": true, "small_child": false,  under five
   "diets": [{"components": ["diabetic"], "preferences": ["vegetarian"],
              "food_level": "4", "fluid_level": "2", "limits": {"sodium_mg": 2000},
              "isolation": "", "from": INSTANT, "until": INSTANT}],
   "nil_by_mouth": [{"from": INSTANT, "until": INSTANT, "reason": "procedure"}],
   "tray_holds": [{"from": INSTANT}]},
 "used": {"sodium_mg": 850},               what the other meals of the day bring
 "dishes": [{"name": "isombe", "halves": 2,
   "allergens": ["peanut"], "may_contain": [], "ingredients": ["palm_oil"], "verified": true,
   "level": "5", "is_drink": false, "choking": false, "suits": ["diabetic"], "preferences": ["vegetarian"],
   "nutrients": {"sodium_mg": 639}, "out_of_stock": false}]}

\b
Only "serve_at", "patient" and "dishes" are needed; a nutrient that is not named is unknown, never zero.
Answer: {"verdict": "block", "headline": "allergy", "notes": [],
         "reasons": [{"code", "dish", "place", "verdict", "detail", "words"}],
         "dishes": [{"name", "verdict", "headline", "reasons"}]}
An INSTANT is written with its offset, as above.
"""


@app.callback()
def every_question() -> None:
    """What the diet rules say of a case that you describe."""


@app.command(help=FORMAT)
def verdict(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A JSON file, or - for stdin.")],
) -> None:
    from core.kernel.refusal import Refusal
    from core.reports.what_if import judge, read_case

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("no_such_file", file=file) from error
    shown.as_json(_document(judge(read_case(text))))


def _document(answer: Answer) -> dict[str, Any]:
    return {
        "verdict": answer.whole.kind.value,
        "headline": answer.whole.code,
        "reasons": [_reason(reason) for reason in answer.whole.reasons],
        "notes": list(answer.whole.notes),
        "dishes": [
            {
                "name": name,
                "verdict": found.kind.value,
                "headline": found.code,
                "reasons": [_reason(reason) for reason in found.reasons],
            }
            for name, found in answer.dishes
        ],
    }


def _reason(reason: Any) -> dict[str, Any]:
    from core.words import reason_words

    return {
        "code": reason.code,
        "dish": reason.dish_id,
        "place": reason.place,
        "verdict": reason.kind.value,
        "detail": reason.arguments,
        "words": reason_words(reason.code, reason.arguments, staff=True),
    }
