"""Engines of Dudao: pure Python, no Django, no clock, no hidden randomness, no network."""

__version__ = "0.1.0"
