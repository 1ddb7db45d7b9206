"""Sign-off: what an approval says, the seal by which a changed one is found out, and what each scenario's state is."""
