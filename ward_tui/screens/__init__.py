"""One screen a file: run, taking out, bedside, cash, signature, collecting, way, desk, admission, order."""
