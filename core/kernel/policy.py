"""Policies that steer a rule: rows of the whole hospital, so that server and consoles judge alike."""

from __future__ import annotations

from types import MappingProxyType
from typing import ClassVar

from core.kernel.row import HOSPITAL, Row

# id -> default. Minutes unless the name says otherwise; sources are rules of domain.md.
DEFAULTS = MappingProxyType(
    {
        "rules_fresh_minutes": 15,  # R46
        "rules_hold_minutes": 240,  # R46
        "rules_read_only_minutes": 1_440,  # R46
        "no_diet_order_grace_minutes": 0,  # R4: 0 = nil by mouth until ordered; 1440 = regular for 24 h
        "tray_life_minutes": 120,  # domain.md §1.16
        "offline_wall_minutes": 72 * 60,  # sync.md §2.6
        "offline_personal_minutes": 12 * 60 + 120,  # a shift of 12 h and two hours
        "cash_round_francs": 1,  # R36
        "session_idle_minutes": 30,
        "session_absolute_minutes": 720,
        "enrol_code_minutes": 10,
        "log_days": 7,  # sync.md §2.8: a console that was away for longer loads anew, and keeps its queue
    }
)


class Policy(Row):
    """One policy; its id is its name."""

    audiences: ClassVar = (HOSPITAL,)

    value: int


class PolicyTable(Policy, table=True):
    __tablename__ = "policy"
