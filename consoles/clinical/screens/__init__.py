"""One screen a file: my day, patients, held meals, the card."""
