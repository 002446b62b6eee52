"""What panes of a card ask the store before they open: in its thread, one consistent state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.words import word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from consoles.clinical.screen import ClinicalScreen
    from core.care.offers import Offer
    from core.menu.model import Service


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
    from core.delivery.queries import numbers_of_service
    from core.orders.numbers import next_number
    from core.store import queue

    with screen.looking(db) as tx:
        found = offers(tx, db, stay_id=stay_id, service=service, language=screen.language)
    me = queue.this(db)
    return tuple(found), next_number(me.id if me is not None else "", service.id, numbers_of_service(db, service.id))


def _label(named: tuple[str, str]) -> str:
    return named[1].casefold()
