"""Forms of data returns. They check what was typed; rules of the work are the services'."""
