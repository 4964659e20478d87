"""The only modules that import a database driver. They run SQL over tables and know nothing of what it means.

Every backend is imported by its own module, so that one whose driver is not installed hinders no other.
"""
