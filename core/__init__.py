"""The hospital kitchen: what is decided, with nobody asking how or where. Read `orders/` first."""
