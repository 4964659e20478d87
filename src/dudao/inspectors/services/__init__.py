"""What people do with the register of inspectors."""
