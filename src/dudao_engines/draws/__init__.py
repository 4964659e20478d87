"""Random draws and samples that anyone can run again: frozen list, public seed, deterministic order."""
