"""The words of our own measures, written out so that translators find them.

They stand in the measures' own files, which the collector of strings cannot read. Words that must not be
changed are not here: they are shown as published, or as the holder of a licence supplied them.
"""

from django.utils.translation import gettext_noop

WORDS = [
    gettext_noop("Check-in after a session"),
    gettext_noop("I felt understood"),
    gettext_noop("not at all"),
    gettext_noop("it could hardly be better"),
    gettext_noop("We worked on what matters to me"),
    gettext_noop("The way we worked suited me"),
    gettext_noop("I could say what I needed to say"),
    gettext_noop("I trust this person with what is hard"),
    gettext_noop("Was there anything today that bothered you, however small?"),
    gettext_noop("No"),
    gettext_noop("A little"),
    gettext_noop("Yes"),
    gettext_noop("If you like, say it in your own words"),
    gettext_noop("What I would like to be different"),
    gettext_noop("What you would like to be different, and how near you are to it. Up to three things."),
    gettext_noop("One thing I would like to be different"),
    gettext_noop("How near it is today"),
    gettext_noop("far off"),
    gettext_noop("I am there"),
    gettext_noop("A second thing, if you like"),
    gettext_noop("A third thing, if you like"),
    gettext_noop("Trusting myself"),
    gettext_noop("Think of the past two weeks. How often was this so?"),
    gettext_noop("When something feels off to me, I take that seriously."),
    gettext_noop("hardly ever"),
    gettext_noop("nearly always"),
    gettext_noop("I can tell what I need, even when others see it another way."),
    gettext_noop("I can make up my mind without asking everybody first."),
    gettext_noop("When I get something wrong, I am still on my own side."),
    gettext_noop("I keep the promises that I make to myself."),
    gettext_noop("I listen when my body tells me something."),
    gettext_noop("Trusting this place"),
    gettext_noop("This is about the place, not about your therapist. Your therapist does not see it."),
    gettext_noop("The people here do what they say they will do."),
    gettext_noop("wholly"),
    gettext_noop("If a mistake was made, I would be told about it."),
    gettext_noop("I could complain here and it would not be held against me."),
    gettext_noop("What I say here goes only to the people I agreed to."),
    gettext_noop("I can get hold of somebody when I need to."),
    gettext_noop("I am treated as an equal here."),
]
