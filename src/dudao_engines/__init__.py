"""Engines of Dudao: pure Python, no Django, no clock, no hidden randomness, no network."""
