"""What a patient may eat: allergies, diet orders, holds, and the profile that carries them to every judge."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from core.kernel.row import Audience, Row
from core.wards.model import OF_CARE, OF_THE_STAY


class Verification(StrEnum):
    """Unconfirmed blocks like confirmed; refuted and entered in error do not (R8)."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    ENTERED_IN_ERROR = "entered_in_error"


class DietKind(StrEnum):
    DIET = "diet"
    NIL_BY_MOUTH = "nil_by_mouth"
    ISOLATION = "isolation"  # a standing fact of the stay: no diet order and no fast ends it (R55)


class DietState(StrEnum):
    DRAFT = "draft"  # proposed: it feeds nobody until a doctor signs it
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    ENDED = "ended"
    ENTERED_IN_ERROR = "entered_in_error"


class CareFile(Row):
    """The clinical record of a stay, on which its allergies and diet orders hang; its id is the stay's."""

    audiences: ClassVar = OF_CARE
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "leaves the devices a day after discharge, with all that hangs on it"

    ward_id: str
    archived_at: int | None = None


class CareFileTable(CareFile, table=True):
    __tablename__ = "care_file"


class Allergy(Row):
    """One allergy of one patient, by coded substances; code "" is free text that nobody has matched yet."""

    audiences: ClassVar = OF_CARE
    owners: ClassVar = {"stay_id": "care_file"}

    stay_id: str
    ward_id: str
    code: str = ""  # codes of allergens or ingredients
    text: str = ""  # as it was said
    reaction: str = ""
    criticality: str = "unable_to_assess"  # low, high, unable_to_assess: never excludes (R8)
    verification: str = Verification.UNCONFIRMED
    recorded_by: str
    recorded_at: int
    withdrawn_by: str = ""
    withdrawn_at: int | None = None
    withdrawn_why: str = ""


class AllergyTable(Allergy, table=True):
    __tablename__ = "allergy"


class AllergyReview(Row):
    """That a patient was asked about allergies, and whether "none" was the answer (R9)."""

    audiences: ClassVar = OF_CARE
    owners: ClassVar = {"stay_id": "care_file"}

    stay_id: str
    ward_id: str
    none: bool
    asked_by: str
    asked_at: int


class AllergyReviewTable(AllergyReview, table=True):
    __tablename__ = "allergy_review"


class DietOrder(Row):
    """What a doctor ordered, from until. Never edited in place: superseded, ended, or entered in error.

    supersedes: the ids of the orders and holds that its doctor saw and replaced.
    """

    audiences: ClassVar = OF_CARE
    owners: ClassVar = {"stay_id": "care_file"}

    stay_id: str
    ward_id: str
    kind: str  # DietKind
    components: str = ""  # codes: diabetic low_salt
    preferences: str = ""  # codes: vegetarian (a preference warns, R2)
    food_level: str = ""  # IDDSI food level required, "" = regular
    fluid_level: str = ""
    limits: str = ""  # JSON object: nutrient -> most per hospital day
    isolation: str = ""
    assistance: str = ""  # codes
    reason: str = ""
    from_at: int
    until_at: int | None = None
    state: str = DietState.ACTIVE
    ordered_by: str  # the doctor; of a draft: who proposed it
    ordered_at: int
    heard_by: str = ""  # a verbal order: the nurse who wrote it down
    signed_by: str = ""  # a verbal order: the doctor who has put a name to it since
    signed_at: int | None = None
    signature_missed_at: int | None = None
    drafted_by: str = ""
    supersedes: str = ""
    superseded_at: int | None = None


class DietOrderTable(DietOrder, table=True):
    __tablename__ = "diet_order"


class TrayHold(Row):
    """All food of a patient is held, by a doctor, nurse or nutritionist; the next diet order ends it."""

    audiences: ClassVar = OF_CARE
    owners: ClassVar = {"stay_id": "care_file"}
    listed_while_empty: ClassVar = "ended_at"

    stay_id: str
    ward_id: str
    reason: str
    held_by: str
    held_at: int
    ended_at: int | None = None
    ended_by: str = ""


class TrayHoldTable(TrayHold, table=True):
    __tablename__ = "tray_hold"


class DietProfile(Row):
    """What wards and kitchens get of all that (sync.md §2.6); its id is the stay's. No diagnosis, no note, no phone.

    allergens: codes of allergens and ingredients, none refuted. unmatched: an allergy in free text is unresolved.
    periods: JSON list of what holds when, newest last; see `core.diets.profile`.
    """

    audiences: ClassVar = (*OF_THE_STAY, *OF_CARE, Audience("patient", "id"))
    owners: ClassVar = {"id": "stay"}
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "leaves the devices a day after discharge"

    ward_id: str
    kitchen_id: str
    open: bool = True  # the stay is not closed
    opened_at: int = 0
    allergies_asked: bool = False
    allergens: str = ""
    unmatched: bool = False
    periods: str = "[]"
    allowances: str = "[]"  # JSON list of dishes allowed against the rules; see `core.diets.allowed`
    identifiers: str = ""  # codes: keyed hashes of birth date, hospital number and name, for the bedside
    name_alert: bool = False
    child: bool = False  # under sixteen when they came: smaller pieces (R56)
    small_child: bool = False  # under five when they came: nothing of the choking list
    rules_version: int = 1
    changed_at: int
    changed_by: str
    archived_at: int | None = None


class DietProfileTable(DietProfile, table=True):
    __tablename__ = "diet_profile"


class Allowance(Row):
    """That a dish was allowed against the rules (R16): by whom, why, against which reasons, until when, ended by what.

    rules_version: of the patient's rules as they were known; any newer rule ends it.
    """

    audiences: ClassVar = OF_CARE
    owners: ClassVar = {"stay_id": "care_file"}

    stay_id: str
    ward_id: str
    dish_id: str
    codes: str  # the reasons that were waved
    why: str
    allowed_by: str
    second_id: str = ""
    from_at: int
    until_at: int
    rules_version: int
    ended_at: int | None = None
    ended_by: str = ""
    ended_why: str = ""  # "ended", or what changed: an event's `why`


class AllowanceTable(Allowance, table=True):
    __tablename__ = "allowance"


class DietAttempt(Row):
    """Somebody tried to order or give what the rules forbid: blocked, logged, told once a day (domain.md §1.14)."""

    audiences: ClassVar = OF_CARE
    owners: ClassVar = {"stay_id": "care_file"}

    stay_id: str
    ward_id: str
    dish_id: str = ""
    order_id: str = ""
    step: str  # order, start, ready, take_out, give
    code: str  # the headline reason
    by: str
    at: int
    day: str = ""  # the hospital day of the meal
    suggested_id: str = ""  # a dish of the same kind that was allowed then
    told: bool = False  # the first of this patient, dish and rule that day: the nutritionist hears of it


class DietAttemptTable(DietAttempt, table=True):
    __tablename__ = "diet_attempt"
