"""The only place that calls a solver: a problem in; why it stopped, incumbent and bound out."""
