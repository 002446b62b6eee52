"""Cases: who looks after what did not fit, and how it ended."""
