"""Staff, their grants, and who may do what."""
