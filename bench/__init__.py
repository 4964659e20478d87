"""Side-by-side measurements: each figure is a ratio to a named peer or limit of the same run, never a bare time."""
