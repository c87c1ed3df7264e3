"""The trust curve as SVG text, and the sentence that says what it shows; no library is needed."""

from reknit.plot.curve import DEFAULT_WORDS, STYLE, trust_svg
from reknit.plot.point import Point
from reknit.plot.sentence import trust_sentence

__all__ = ["DEFAULT_WORDS", "STYLE", "Point", "trust_sentence", "trust_svg"]
