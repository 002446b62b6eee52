"""Payments: what is due, what was taken, and the ledger that only grows."""
