"""Consoles: which the hospital knows, what they hold, and how they prove themselves."""
