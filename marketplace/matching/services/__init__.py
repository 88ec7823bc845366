"""Matches: runs are calculated and stored, two sides read them, decide on a pair, and staff look at the outcome."""
