"""Carries decisions between machines; decides nothing itself."""
