"""What has happened to a stay."""

from __future__ import annotations

from core.kernel.message import Event


class StayOpened(Event):
    """A patient is here. identifiers: keyed hashes for the bedside; the texts are "" for a patient known by id only."""

    stay_id: str
    identifiers: str
    full_name: str = ""
    birth_date: str = ""
    hospital_number: str = ""


class PatientRecognised(Event):
    """The server knows the person of a stay that was opened by id alone: the bedside can now ask for identifiers."""

    stay_id: str
    identifiers: str
    birth_date: str = ""


class StayMoved(Event):
    """The patient is on another ward: whatever belongs to the stay goes along."""

    stay_id: str
    from_ward_id: str


class StayClosed(Event):
    """The patient has gone home."""

    stay_id: str


class StayArchived(Event):
    """The stay, and all that hangs on it, leaves the devices."""

    stay_id: str
