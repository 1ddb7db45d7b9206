"""From rules and objective to columns and rows, and to the problem that a solver is given."""
