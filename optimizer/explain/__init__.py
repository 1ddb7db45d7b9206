"""What is reported about an answer besides its figures: conflicts and their cures, missed goals, findings, reasons."""
