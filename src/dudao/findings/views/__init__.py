"""Pages of findings, measures and cases."""
