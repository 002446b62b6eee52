"""Where rows live: SQLite on consoles and small servers, PostgreSQL on large ones; the only place that writes them."""
