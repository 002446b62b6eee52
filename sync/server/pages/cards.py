"""One dish as the menu shows it: allowed, or greyed with its reason in words; never hidden."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from core.diets.verdict import Reason, Verdict, VerdictKind
from core.menu.model import Dish, DishFacts, Service
from sync.server.pages import paper
from sync.server.pages.menu import Judge, MenuShelf

MOST_REASONS = 3  # told on a card; the dish's own page tells all
FINISHED = "out_of_stock"


@dataclass(frozen=True, slots=True)
class Offer:
    """A dish before one patient: its verdict, and the nearest dish they may have instead."""

    dish: Dish
    facts: DishFacts | None
    verdict: Verdict
    instead: Dish | None = None

    @property
    def mark(self) -> str:
        """How the card looks: allow, warn, hold, block, or finished for today."""
        safety = [reason for reason in self.verdict.reasons if reason.code != FINISHED]
        return "finished" if self.verdict.reasons and not safety else self.verdict.kind.value

    @property
    def can_be_ordered(self) -> bool:
        return self.verdict.kind in (VerdictKind.ALLOW, VerdictKind.WARN)


def offer(judge: Judge, dish: Dish, meal: str) -> Offer:
    found = judge.verdict(dish.id)
    about_dish = any(reason.dish_id for reason in found.reasons)
    refused = found.kind in (VerdictKind.BLOCK, VerdictKind.HOLD)
    instead = judge.instead_of(dish, meal) if refused and about_dish else None
    return Offer(dish, judge.menu.facts.get(dish.id), found, instead)


def offers(shelf: MenuShelf, judge: Judge, dishes: Sequence[Dish], meal: str) -> tuple[Offer, ...]:
    """All dishes of a meal before one patient, in the sequence of the menu."""
    return shelf.look((*judge.version, meal), lambda: tuple(offer(judge, dish, meal) for dish in dishes))


def reasons_of(found: Verdict) -> tuple[Reason, ...]:
    """What a card tells: each code once, the headline first."""
    told: dict[str, Reason] = {}
    for reason in found.reasons:
        told.setdefault(reason.code, reason)
    return tuple(told.values())[:MOST_REASONS]


def cards(shelf: MenuShelf, offers: Iterable[Offer], *, service: Service | None, language: str, opens: bool) -> Markup:
    """The cards of a menu, joined from pieces that are kept. opens: this service can be ordered now."""
    return Markup("").join(_card(shelf, one, service, language, opens=opens) for one in offers)


def _card(shelf: MenuShelf, one: Offer, service: Service | None, language: str, *, opens: bool) -> Markup:
    key = (
        one.dish.id,
        one.dish.version,
        one.facts.version if one.facts is not None else 0,
        one.verdict.reasons,
        (one.instead.id, one.instead.version) if one.instead is not None else "",
        service.id if service is not None and opens else "",
        language,
    )
    kept = shelf.cards.get(key)
    if kept is None:
        kept = paper.print_piece(
            "card",
            language,
            offer=one,
            dish=one.dish,
            facts=one.facts,
            reasons=reasons_of(one.verdict),
            service_id=service.id if service is not None and opens else "",
        )
        shelf.keep_card(key, kept)
    return Markup(kept)  # noqa: S704 - printed by our own template
