"""Questionnaires as FHIR data files, their scoring and their licence."""

from reknit.measures.questionnaires import Item, Measure, load, parse

__all__ = ["Item", "Measure", "load", "parse"]
