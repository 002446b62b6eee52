"""Reports: what a day was, and why an order is what it is; told from the rows as they are now."""
