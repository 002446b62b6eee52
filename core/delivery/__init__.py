"""Trays, their way to the bed, and what happened there."""
