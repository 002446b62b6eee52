"""The clinical console: a patient's card, what an order changes before it is saved, and who has it."""
