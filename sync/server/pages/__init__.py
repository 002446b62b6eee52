"""The patient's pages: rendered here, usable without JavaScript, live with it (screens.md §12)."""
