"""The administrator's console: one page of what needs a person, and a list behind every number on it."""
