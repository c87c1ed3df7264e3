"""Fit everything that ships: ``python -m reknit.words.train [FOLDER]`` (the package's data by default)."""

from __future__ import annotations

import sys
from pathlib import Path

from reknit.words import train_homework, train_replies


def main(arguments: list[str]) -> None:
    """Train from the sentences in the package and write the weights into a folder."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent / "data"
    train_replies.train(folder, print)
    train_homework.train(folder, print)


if __name__ == "__main__":
    main(sys.argv[1:])
