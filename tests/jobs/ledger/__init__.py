"""An app whose jobs leave one line of history a step: what was done twice or not at all shows."""
