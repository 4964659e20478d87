"""Procedures as data: what may be done next, by whom, and what it changes.

``schema`` reads the files, ``situation`` says where a matter stands, ``rules`` decides. No clock, no database.
"""
