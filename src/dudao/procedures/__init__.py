"""Matters that go through a procedure of ``library/procedures``: their acts, their clocks, a county's own limits."""
