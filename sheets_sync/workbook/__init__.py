"""What every kind of workbook shares: what was read, what is written, and the protocol between the two."""
