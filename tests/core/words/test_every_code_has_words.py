"""Whatever the source can refuse, open a case for, or do, it can say so: in three languages, with what it was given."""

from __future__ import annotations

import pytest

from core import handlers
from core.cases.commands import HANDLERS as CASE_COMMANDS
from core.delivery.commands import CONSEQUENCES
from core.delivery.model import TrayState
from core.devices.model import DeviceKind
from core.diets.catalogue import (
    ASSISTANCE,
    COMPONENTS,
    DRINK_LEVELS,
    FASTING_REASONS,
    FOOD_LEVELS,
    ISOLATIONS,
    PREFERENCES,
)
from core.diets.model import DietState, Verification
from core.diets.verdict import REASONS, VerdictKind
from core.kernel.values import Role
from core.menu.substances import ALLERGENS, MEALS, NUTRIENTS
from core.orders.model import OrderState
from core.payments.model import Method, PaymentState
from core.store.tables import TABLES
from core.wards.model import BedState
from core.words import LANGUAGES, books, has, word
from core.words.telling import arguments_of
from sync.protocol import OUTCOMES
from tests.core.words import source

REFUSAL_PARTS = ("what", "stays", "next")
CASE_PARTS = ("what", "consequence", "next")
MADE_OF_OTHERS = frozenset({"because"})
KNOWN_UNDER = {"number": "order"}  # an order's number is called `order` where its kind is not clear
BEHIND = ("_day", "_of", "_some", "_title")

SECTIONS = {
    "allergen": ALLERGENS,
    "allergen_of": ALLERGENS,
    "allergen_some": ALLERGENS,
    "component": COMPONENTS,
    "component_patient": COMPONENTS,
    "preference": PREFERENCES,
    "isolation": ISOLATIONS,
    "assistance": ASSISTANCE,
    "fasting_reason": FASTING_REASONS,
    "texture": tuple(FOOD_LEVELS),
    "fluid": tuple(DRINK_LEVELS),
    "nutrient": NUTRIENTS,
    "nutrient_unknown": NUTRIENTS,
    "meal": MEALS,
    "meal_title": MEALS,
    "role": tuple(Role),
    "device_kind": tuple(DeviceKind),
    "issue": tuple(CONSEQUENCES),
    "issue_follows": tuple(CONSEQUENCES),
    "order_state": tuple(OrderState),
    "order_state_patient": tuple(OrderState),
    "payment_state": tuple(PaymentState),
    "payment_state_patient": tuple(PaymentState),
    "tray_state": tuple(TrayState),
    "bed_state": tuple(BedState),
    "diet_state": tuple(DietState),
    "verification": tuple(Verification),
    "verdict": tuple(VerdictKind),
    "method": tuple(Method),
    "outcome": OUTCOMES,
    "outcome_name": OUTCOMES,
    "reason": tuple(REASONS),
    "reason_staff": tuple(REASONS),
    "flag": (*REASONS, *ASSISTANCE, "isolation", "override", "name_alert", "guest"),
    "why": tuple(REASONS),
    "thing": tuple(table.table_name for table in TABLES),
    "language": LANGUAGES,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_three_sentences(language: str) -> None:
    wanted = source.refusal_codes()
    missing = {
        f"{code}.{part}": one.places
        for code, one in wanted.items()
        for part in REFUSAL_PARTS
        if not has(f"refusal.{code}.{part}", language)
    }
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_case_says_what_follows_and_what_closes_it(language: str) -> None:
    wanted = source.case_codes()
    missing = {
        f"{code}.{part}": one.places
        for code, one in wanted.items()
        for part in CASE_PARTS
        if not has(f"case.{code}.{part}", language)
    }
    assert not missing


def test_the_source_is_really_read() -> None:
    refusals, cases = source.refusal_codes(), source.case_codes()
    assert {"bed_taken", "disk_full", "expected_dseq", "meal_blocked", "grant_ended"} <= set(refusals)
    assert {"already_admitted", "store_rule"} <= set(refusals)
    assert {"late_tray", "overpaid", "started_after_cancel", "given_against_rules"} <= set(cases)


@pytest.mark.parametrize("kind", ["refusal", "case"])
def test_words_ask_only_for_what_the_source_gives(kind: str) -> None:
    codes = source.refusal_codes() if kind == "refusal" else source.case_codes()
    unfulfilled = {
        code: sorted(asked - one.arguments)
        for code, one in codes.items()
        if not one.open_ended and (asked := _asked(f"{kind}.{code}", one.arguments)) - one.arguments
    }
    assert not unfulfilled


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_named(language: str) -> None:
    assert [name for name in handlers.HANDLES if not has(f"command.{name}", language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_code_of_the_core_is_named(section: str, language: str) -> None:
    assert [code for code in SECTIONS[section] if not has(f"{section}.{code}", language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_of_the_demo_menu_is_named(language: str) -> None:
    import tomllib
    from importlib import resources

    menu = tomllib.loads(resources.files("core.store.demo").joinpath("dishes.toml").read_text(encoding="utf-8"))
    categories = {dish["category"] for dish in menu["dish"]}
    assert [code for code in sorted(categories) if not has(f"category.{code}", language)] == []


def test_every_word_that_a_screen_or_page_asks_for_is_there() -> None:
    asked = source.keys_asked_for()
    assert len(asked) > 100
    assert {key: sorted(set(places)) for key, places in asked.items() if not has(key, "en")} == {}


def test_a_key_nobody_has_words_for_is_still_readable() -> None:
    assert word("key.nowhere.some_thing") == "some thing"


def test_commands_of_one_concept_are_read_from_its_own_table() -> None:
    names = [handle.command.name for handle in CASE_COMMANDS]
    assert [word(f"command.{name}") for name in names] == [
        "take a case",
        "close a case",
        "read what became of it",
        "note an error",
        "close an error",
    ]


def _asked(key: str, given: set[str]) -> set[str]:
    """The arguments that the words under a key ask for, under the names they are given by."""
    parts = books.entry(key, "en") or {}
    names = {_plain(name) for text in parts.values() for name in arguments_of(text)} - MADE_OF_OTHERS
    return {KNOWN_UNDER.get(name, name) if name not in given else name for name in names}


def _plain(name: str) -> str:
    return next((name.removesuffix(end) for end in BEHIND if name.endswith(end)), name)
