"""Bugs in the hospital's own rules (meals, money, what is lent to a console), planted as those in `planted` are."""

from __future__ import annotations

from typing import Any

import pytest

import core.delivery.commands
import core.diets.allergies
import core.diets.profile
import core.diets.verdict
import core.menu.commands
import core.orders.model
import core.orders.moves
import core.orders.rules
import core.payments.ledger
import sync.client.conversation
import sync.client.leases
import sync.client.pull
from core.kernel.values import as_codes
from core.store import queue


def last_allergy_wins(patch: pytest.MonkeyPatch) -> None:
    real = core.diets.allergies.rewrite_profile

    def rewrite(tx: Any, profile: Any, *, why: str, **columns: Any) -> Any:
        if why == "allergy_recorded":
            columns["allergens"] = as_codes(columns["allergens"].split()[-1:])
        return real(tx, profile, why=why, **columns)

    patch.setattr(core.diets.allergies, "rewrite_profile", rewrite)


def rules_change_and_nothing_is_swept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.orders.rules, "judge_order_again", lambda tx, order: None)


def nothing_is_checked_at_the_bed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.delivery.commands, "refuse", lambda found: None)
    patch.setattr(core.delivery.commands, "refuse_if_stopped", lambda order: None)
    patch.setattr(core.delivery.commands, "_refuse_void", lambda tx, order, tray_id: None)


def unsafe_meal_is_given_in_silence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.delivery.commands, "note_if_unsafe", lambda tx, order, code, at=None: False)


def nobody_asks_about_holds(patch: pytest.MonkeyPatch) -> None:
    real = core.diets.verdict._of_the_stay
    patch.setattr(
        core.diets.verdict,
        "_of_the_stay",
        lambda profile, now, grace: (one for one in real(profile, now, grace=grace) if one.code != "trays_held"),
    )


def a_recipe_is_judged_as_it_was(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.menu.commands, "refresh_facts", lambda tx, dish_ids: None)


def a_diet_order_ends_every_fast(patch: pytest.MonkeyPatch) -> None:
    """... also one that its doctor could not have seen."""
    real = core.diets.profile.with_diet

    def with_diet(text: str, new: Any, *, replaces: Any, at: int) -> str:
        every = [period.id for period in core.diets.profile.periods_of(text)]
        return real(text, new, replaces=every, at=at)

    patch.setattr(core.diets.profile, "with_diet", with_diet)


def what_is_lent_is_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sync.client.leases, "keep", lambda store, moment: False)


def word_for_a_set_given_back_is_taken(patch: pytest.MonkeyPatch) -> None:
    real = sync.client.pull.change_audiences

    def change_audiences(store: Any, moment: Any, change: Any, images: Any, **more: Any) -> None:
        with store.reading() as connection:
            held = queue.read_cursor(connection)
        assert held is not None
        version = change.version or held.audiences_version
        real(store, moment, type(change)(version, change.audiences), images, **more)

    patch.setattr(sync.client.pull, "change_audiences", change_audiences)


def old_word_tells_the_hour(patch: pytest.MonkeyPatch) -> None:
    """A machine slept with an answer in its hands."""
    patch.setattr(sync.client.conversation, "STALE_MS", 1 << 60)


def a_state_is_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.orders.moves, "way", lambda before, state: (state,))
    patch.setattr(core.orders.model.Order, "may_move_to", lambda self, state: True)


def money_goes_back_twice(patch: pytest.MonkeyPatch) -> None:
    real = core.payments.ledger.post

    def post(tx: Any, payment: Any, account: str, francs: int, *, reason: str = "") -> None:
        real(tx, payment, account, francs, reason=reason)
        if account == "owed_back":
            real(tx, payment, account, francs, reason=reason)

    patch.setattr(core.payments.ledger, "post", post)


def francs_by_float(patch: pytest.MonkeyPatch) -> None:
    real = core.payments.ledger.post

    def post(tx: Any, payment: Any, account: str, francs: int, *, reason: str = "") -> None:
        real(tx, payment, account, int(francs * 0.29 / 0.29 * 100 / 100 * 1.1 / 1.1 - 1e-9), reason=reason)

    patch.setattr(core.payments.ledger, "post", post)
