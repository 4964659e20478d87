"""Build the assets into static/: vendored files and our own, from node_modules and frontend/."""
