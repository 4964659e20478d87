"""What must not leave the house in a published text: people, numbers that name them, and counts so small that they do."""
