"""Dudao 督导: the working system of a county education-supervision office."""

__version__ = "0.1.0"
