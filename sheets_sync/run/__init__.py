"""The use cases: running, replaying, approving, comparing and watching workbooks."""
