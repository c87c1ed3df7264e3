"""Questionnaires as FHIR data files, their scoring and their licence."""

from reknit.measures.catalogue import SHIPPED, by_key, load, name_of, questionnaire
from reknit.measures.change import Change, Direction, change, crossed_cutoff
from reknit.measures.chart import chart
from reknit.measures.fhir import NotAMeasure, parse
from reknit.measures.model import Condition, Item, Licence, Measure, Option, Score, Sourced
from reknit.measures.wording import WordingRefused, parts_of, read_wording, with_wording

__all__ = [
    "SHIPPED",
    "Change",
    "Condition",
    "Direction",
    "Item",
    "Licence",
    "Measure",
    "NotAMeasure",
    "Option",
    "Score",
    "Sourced",
    "WordingRefused",
    "by_key",
    "change",
    "chart",
    "crossed_cutoff",
    "load",
    "name_of",
    "parse",
    "parts_of",
    "questionnaire",
    "read_wording",
    "with_wording",
]
