"""Invented sentences for the demonstration."""

from __future__ import annotations

from dataclasses import dataclass

BOTHERED = {
    1: [
        "We ran out of time just when it got important.",
        "I wasn't sure you remembered what I told you last week.",
        "The exercise felt a bit like a test.",
        "You looked at the clock and I lost my thread.",
        "I said it was fine. It wasn't quite.",
    ],
    2: [
        "When you said it would pass, I felt brushed off.",
        "You called it a phase. It isn't.",
        "I felt pushed to talk about my father before I was ready.",
        "You mixed me up with somebody else for a moment and it stung.",
        "I came away thinking that I am too much.",
    ],
}

HOMEWORK = [
    "A ten-minute walk after lunch, without the phone",
    "Notice one moment a day in which you felt at ease",
    "Ask one person for a small favour",
    "Ten minutes of music in the evening, with nothing else",
]


@dataclass(frozen=True)
class Repair:
    """How one invented difficulty was understood, answered and learned from."""

    kind: str
    cause: str
    felt: str
    intended: str
    reply: str
    answer: str
    learned: str
    topic: str
    polarity: str
    strength: str
    condition: str = ""


REPAIRS = [
    Repair(
        "confrontation", "impact", "Brushed off, when it mattered.", "To give some hope.",
        "I said it would pass, and what reached you was that I didn't take it seriously. I can "
        "see how that hurt, and "
        "I'm sorry. I would like to hear it again, without hurrying to make it better. What did I miss?",
        "Thank you. That is what I needed.",
        "When I tell you something sad, please stay with it before you cheer me up.", "being "
        "cheered up", "only-if",
        "rather_not", "you have stayed with the sad part first",
    ),
    Repair(
        "withdrawal", "technique", "Tested, and afraid to fail.", "An exercise that has helped others.",
        "You went along with the exercise, and inside it felt like a test. I did not notice, and "
        "I should have asked. "
        "Thank you for saying so. What would have felt better?",
        "Asking me first would have been enough.",
        "Exercises in the room feel like a test to me. Ask me before we start one.", "exercises", "avoid",
        "rather_not",
    ),
    Repair(
        "withdrawal", "misunderstanding", "Not remembered.", "To begin with something new.",
        "Last week you trusted me with something, and today I began as if you hadn't. You felt "
        "forgotten. I own that. "
        "From now on we begin with where we left off, if that suits you. Is there more?",
        "Yes, that would help.",
        "I like it when we start with what I said last time.", "starting with last time", "likes", "likes",
    ),
    Repair(
        "confrontation", "culture", "Judged for how close my family is.", "To make room for you alone.",
        "When I spoke of boundaries it sounded as if your family was the problem. In your family "
        "closeness is care, "
        "and I spoke over that. I'm sorry. Would you teach me how it is?",
        "It means a lot that you ask.",
        "My family being close is not a problem to fix.", "setting boundaries with family", "avoid", "never",
    ),
]  # fmt: skip
