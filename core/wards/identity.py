"""What a patient is recognised by at the bed, as keyed hashes: a handheld compares and cannot read (R57).

The key is the stay's id: equal birth dates of two patients do not look alike, and a hash says nothing after the stay.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from core.kernel.values import as_codes, codes

BIRTH_DATE = "birth_date"
HOSPITAL_NUMBER = "hospital_number"
NAME = "name"
WRISTBAND = "wristband"
ENOUGH = 2  # R57: two identifiers, and a bed is none


def hashed(*, stay_id: str, kind: str, value: str) -> str:
    """One identifier as `kind:hash`; the same for any way of writing the same value."""
    told = f"{kind} {_plain(value)}".encode()
    digest = hmac.new(stay_id.encode(), told, hashlib.sha256).hexdigest()
    return f"{kind}:{digest[:32]}"


def identifiers_of(*, stay_id: str, full_name: str, birth_date: str, hospital_number: str) -> str:
    """All that is known of a patient, as the profile's column of codes."""
    values = ((NAME, full_name), (BIRTH_DATE, birth_date), (HOSPITAL_NUMBER, hospital_number))
    return as_codes([hashed(stay_id=stay_id, kind=kind, value=value) for kind, value in values if value])


def matching(*, identifiers: str, typed: Iterable[str]) -> tuple[str, ...]:
    """The kinds of the typed hashes that are this patient's: two are needed."""
    known = frozenset(codes(identifiers))
    return tuple(sorted({one.partition(":")[0] for one in typed if one in known}))


def patient_id_of(hospital_number: str) -> str:
    """A patient's id follows from the number, so that two consoles that admit the same person mean the same one."""
    return hashlib.sha256(f"patient {_plain(hospital_number)}".encode()).hexdigest()[:32]


def _plain(value: str) -> str:
    """Letters and digits only, without accents and case: `Uwimana, Jean` and `UWIMANA JEAN` are one name."""
    decomposed = unicodedata.normalize("NFKD", value).casefold()
    words = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c)).split()
    return " ".join(sorted(words)) if any(word.isalpha() for word in words) else "".join(words)
