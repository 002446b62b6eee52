"""What clinicians look at: a patient's card, what an order would change, and what waits for somebody."""
