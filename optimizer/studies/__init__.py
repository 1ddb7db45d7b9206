"""Studies: many solves that answer one question about a scenario's answer."""
