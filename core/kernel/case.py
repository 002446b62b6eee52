"""Exception cases: something happened that does not fit, and somebody owns it until it is closed."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Index

from core.kernel.row import ADMIN, Audience, Row


class Case(Row):
    """One thing that does not fit. `code` has its words (what, consequence, next step) in three languages."""

    audiences: ClassVar = (
        ADMIN,
        Audience("ward", "ward_id"),
        Audience("kitchen", "kitchen_id"),
        Audience("person", "actor_id"),
    )
    owners: ClassVar = {"order_id": "order"}
    housekeeping: ClassVar = "kept for good: it is evidence"

    code: str
    detail: str = ""  # JSON object: the words' arguments
    op_id: str
    actor_id: str = ""
    order_id: str = ""
    stay_id: str = ""
    ward_id: str = ""
    kitchen_id: str = ""
    opened_at: int
    owner_id: str = ""  # the person who has taken it, "" while nobody has
    closed_at: int | None = None
    closed_by: str = ""
    closing: str = ""  # what was done, in words


class CaseTable(Case, table=True):
    __tablename__ = "case"
    __table_args__ = (Index("case_open", "closed_at"),)


class UnreadOutcome(Row):
    """An outcome that its actor and supervisor must read: refused, an exception,
    superseded or parked (sync.md §2.3)."""

    audiences: ClassVar = (ADMIN, Audience("person", "actor_id"), Audience("person", "supervisor_id"))
    retired_by: ClassVar = "acknowledged_at"
    housekeeping: ClassVar = "leaves the devices when read; kept on the server with the op"

    device_id: str = ""
    kind: str
    entity: str = ""
    outcome: str
    code: str
    detail: str = ""  # JSON object: the words' arguments
    actor_id: str
    supervisor_id: str = ""
    judged_at: int
    acknowledged_at: int | None = None
    acknowledged_by: str = ""


class UnreadOutcomeTable(UnreadOutcome, table=True):
    __tablename__ = "unread_outcome"
