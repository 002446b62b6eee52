"""What panes of a card ask the store before they open: in its thread, one consistent state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.words import word

FORBIDDING = ("hold", "block")

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from consoles.clinical.panes.allow import Forbidden
    from consoles.clinical.screen import ClinicalScreen
    from core.care.card import Card, MealOfDay
    from core.care.offers import Offer
    from core.diets.verdict import Reason
    from core.menu.model import Service
    from sync.client.door import Door
    from sync.client.sign_in import Actable


def substances(db: Connection, language: str) -> tuple[tuple[str, str], ...]:
    """What dishes can be checked for: allergens by their names, then every ingredient of this hospital."""
    from core.menu.queries import ingredients
    from core.menu.substances import ALLERGENS

    named = [(code, word(f"allergen.{code}", language)) for code in ALLERGENS]
    others = [(one.id, str(getattr(one, f"name_{language}") or one.name_en)) for one in ingredients(db)]
    return (*sorted(named, key=_label), *sorted((one for one in others if one[0] not in ALLERGENS), key=_label))


def menu_for(screen: ClinicalScreen, db: Connection, stay_id: str, service: Service) -> tuple[tuple[Offer, ...], str]:
    """The dishes of a service as the rules see them for this patient, and the number that an order would have."""
    from core.care.offers import offers
    from sync.client.numbers import next_number

    with screen.looking(db) as tx:
        found = offers(tx, db, stay_id=stay_id, service=service, language=screen.language)
    return tuple(found), next_number(db, service.id)


def forbidden_for(screen: ClinicalScreen, db: Connection, card: Card, meal: MealOfDay) -> tuple[Forbidden, ...]:
    """Dishes of a meal that somebody could allow: what is ordered first. What no signature helps is left out."""
    from consoles.clinical.panes.allow import Forbidden
    from core.care.offers import offers
    from core.diets.allowed import DISH_REASONS

    with screen.looking(db) as tx:
        menu = offers(tx, db, stay_id=card.stay.id, service=meal.service, language=screen.language)
    ordered = _by_dish(meal.verdict.reasons) if meal.order is not None else {}
    against = _by_dish(one for offer in menu for one in offer.reasons) | ordered
    names = dict(card.dish_names) | {offer.dish_id: offer.name for offer in menu}
    found = [
        Forbidden(dish_id, names.get(dish_id, dish_id), tuple(reasons), dish_id in ordered)
        for dish_id, reasons in against.items()
        if all(one.code in DISH_REASONS for one in reasons)
    ]
    return tuple(sorted(found, key=_ordered_first))


def _by_dish(reasons: Iterable[Reason]) -> dict[str, list[Reason]]:
    """What speaks against a dish itself; what speaks against the patient helps no exception."""
    found: dict[str, list[Reason]] = {}
    for one in reasons:
        if one.dish_id and one.kind in FORBIDDING:
            found.setdefault(one.dish_id, []).append(one)
    return found


def _ordered_first(one: Forbidden) -> tuple[bool, str]:
    return (not one.ordered, one.name.casefold())


def second_people(door: Door, me: str, ward_id: str) -> tuple[Actable, ...]:
    """In the store's thread: who may stand by an exception besides the one who makes it, and can sign here."""
    from core.care.people import people_with
    from core.diets.allergies import CLINICAL

    at = door.now()
    may = door.read(lambda db: people_with(db, CLINICAL, at, ward_id=ward_id))
    return tuple(one for one in door.people_here() if one.person_id in may and one.person_id != me)


def doctors_of(db: Connection, at: int, ward_id: str) -> tuple[tuple[str, str], ...]:
    """The doctors whose word may be written down, by id and name."""
    from core.care.people import people_with
    from core.kernel.values import Role

    return tuple(people_with(db, (Role.DOCTOR,), at, ward_id=ward_id).items())


def _label(named: tuple[str, str]) -> str:
    return named[1].casefold()
