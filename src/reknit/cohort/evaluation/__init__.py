"""The evaluation: what the estimates are worth, on worlds with known truth and on real series."""
