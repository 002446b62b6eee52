"""The grammar that every concept is written in: commands, handlers, rows, transactions, refusals and cases."""
