"""Every verdict and every reason is somebody's in the demo hospital."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import Connection, select

from core.diets.model import DietProfile, DietProfileTable
from core.diets.verdict import REASONS, Verdict, VerdictKind, verdict
from core.menu.queries import all_dishes, all_facts
from tests.core.store.demo.conftest import NOON

# told by how old a console's knowledge is, or by what it does not hold: the server's own store knows neither
OF_CONSOLES = {"not_known_here", "rules_old", "rules_unconfirmed"}
OF_ORDERS = {"window", "money"}


@pytest.fixture(scope="module")
def verdicts(demo: Connection) -> dict[tuple[str, str], Verdict]:
    """Everybody who is or was here, and every dish of the menu."""
    table = DietProfileTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    profiles = [DietProfile.trusted(dict(row)) for row in demo.execute(select(table)).mappings()]
    facts = all_facts(demo)
    sold = [dish.id for dish in all_dishes(demo) if dish.sold]
    return {
        (profile.id, dish_id): verdict(profile, facts[dish_id], serve_at=NOON, at=NOON)
        for profile in profiles
        for dish_id in sold
    }


def test_eighty_patients_lie_here_and_one_has_gone_home(demo: Connection) -> None:
    table = DietProfileTable.__table__  # type: ignore[attr-defined]  # as above
    assert Counter(demo.execute(select(table.c.open)).scalars()) == {True: 80, False: 1}


@pytest.mark.parametrize("kind", list(VerdictKind))
def test_every_kind_of_verdict_is_somebodys(verdicts: dict[tuple[str, str], Verdict], kind: VerdictKind) -> None:
    assert any(found.kind is kind for found in verdicts.values())


@pytest.mark.parametrize("code", sorted(set(REASONS) - OF_CONSOLES - OF_ORDERS))
def test_every_reason_is_somebodys_headline(verdicts: dict[tuple[str, str], Verdict], code: str) -> None:
    assert any(found.code == code for found in verdicts.values())


def test_most_people_may_eat_most_dishes(verdicts: dict[tuple[str, str], Verdict]) -> None:
    allowed = sum(1 for found in verdicts.values() if not found.forbids)
    assert allowed > len(verdicts) // 2
