"""Pages of complaints: the public ones behind a board, and those of the office and the inspectors."""
