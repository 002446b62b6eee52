"""Full-screen consoles of staff, and the kit they are built from."""
