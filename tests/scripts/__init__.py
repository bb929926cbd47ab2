"""The commands in scripts/, run as an operator runs them."""
