"""The command line: one file a noun, each read only when it is asked for."""
