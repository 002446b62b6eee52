"""The kitchen's wall."""
