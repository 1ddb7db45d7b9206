"""Pure portfolio optimization: a validated plan in, a checked portfolio out; no I/O, no clock, no environment."""
