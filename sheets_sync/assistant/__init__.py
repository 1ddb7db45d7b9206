"""Tools for assistants (Model Context Protocol): they read, check, solve and study, and cannot write."""
