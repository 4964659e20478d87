"""Pages of the register of inspectors."""
