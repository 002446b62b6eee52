"""Kitchens, wards, beds and stays: where patients are."""
