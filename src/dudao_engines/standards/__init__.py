"""Standards as data: forms, formulas, exact verdicts and what they rest on."""
