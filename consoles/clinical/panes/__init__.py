"""What opens at the right of a card: one order a file, each with its consequences before it is saved."""
