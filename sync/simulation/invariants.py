"""What the simulator holds the system to: each invariant by its number, and why one is not looked at here.

A number without a reason is checked in every seed, and the summary counts how often: one that is never looked at
would be worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping

REAL_PARTS = "below a commit: real files, real processes, real power cuts"
NOT_BUILT = "what it speaks of is not built"

# number of sync.md §3, or name of security.md §4 -> "" when each seed checks it, else where it is checked or why not
INVARIANTS: Mapping[str, str] = {
    "1": "",
    "2": "",  # what could not be judged gets its final outcome once: days with server_older or server_stumbles
    "3": "",
    "4": "",
    "5": "",
    "6": "",
    "7": "",
    "8": "",
    "9": "",
    "10": "",  # rows and what is sent; bytes in free pages: real files
    "11": "",
    "12": "",
    "13": NOT_BUILT,  # proof photos
    "14": "two runs with clocks years apart, in its own test",
    "15": "only one version of each command was ever shipped",
    "16": "",
    "17": "",
    "18": "",
    "19": "",
    "20": "",
    "N01": "",
    "N02": "",
    "N03": "",
    "N04": "",
    "N05": "",
    "N06": "",
    "N07": "",
    "N08": "",
    "N09": "",
    "N10": "",
    "N11": "",
    "N12": NOT_BUILT,  # payment before cooking: an in-patient's own meal never waits for money
    "N13": "",
    "N14": "",
    "N15": NOT_BUILT,  # payment gateways
    "N16": "",
    "N17": "",
    "N18": NOT_BUILT,  # counted stock
    "N19": NOT_BUILT,  # notifications outside the consoles
    "N20": NOT_BUILT,  # proof photos
    "N21": "",
    "N22": "",
    "N23": "",
    "N24": NOT_BUILT,  # erasure
    "N25": "",
    "N26": "",
    "N27": "one seed in twenty is run twice, and its two traces compared",
}

# the 24 kinds of faults of security.md §4 -> the names under which a day has them ("" and why: not here)
FAULT_KINDS: Mapping[str, tuple[str, ...] | str] = {
    "message lost": ("lose",),
    "message duplicated": ("duplicate",),
    "message delayed": ("delay",),
    "messages reordered": ("delay", "duplicate", "slow"),
    "cut in the middle of a body": ("cut_short",),
    "answer lost after the commit": ("lose_answer",),
    "partition: both ways, in, out": ("cut", "cut_in", "cut_out"),
    "swizzle and clog": ("swizzle",),
    "slow link of 8 kB a second": ("slow",),
    "server killed": ("server_dies", "server_dies_at_commit"),
    "console killed": ("console_dies", "console_dies_at_commit"),
    "power cut": ("console_dies_at_commit", "server_dies_at_commit", "console_off", "reboot"),
    "SIGSTOP": ("pause_console", "pause_server"),
    "EIO at fsync": REAL_PARTS,
    "no space left: server, device": ("server_full", "console_full"),
    "SQLITE_BUSY": REAL_PARTS,
    "clock jumps, drift of one in a hundred, zones": ("set_clock", "reboot"),  # drift: every fourth console's quartz
    "token that expires under way": ("leap", "delay"),
    "role or audience changes while a queue waits": ("revoke_console", "enrol_console"),  # and grants, all day
    "device revoked": ("revoke_console",),
    "device cloned, rolled back": ("clone", "copy", "roll_back"),
    "server restored from an older backup": ("back_up", "restore"),
    "versions mixed": ("newer_console", "older_rows", "server_older"),
    "a bug of ours in the middle of an act": ("server_stumbles",),
    "payment gateway down, slow, lying": NOT_BUILT,
    "two consoles at one order or bed": ("cut",),  # and every day: people choose from what they see
    "damaged page of a device's file": REAL_PARTS,
}
