"""What a workbook and an installation look like: tabs, columns, aliases, help texts, settings."""
