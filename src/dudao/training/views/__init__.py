"""Pages of the training of inspectors."""
