"""Dishes, what is in them, and the services they are served at."""
