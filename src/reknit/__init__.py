"""Reknit: trust in the therapeutic relationship, its ruptures and their repair."""

__version__ = "0.1.0"
