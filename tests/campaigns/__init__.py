"""Long tries with random sheets and instances; `make campaign NAME=...` runs one."""
