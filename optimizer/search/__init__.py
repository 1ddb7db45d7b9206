"""Finding the best portfolio: stages, exact and core search, bounds and tie-breaking."""
