"""The therapist's addresses: today, caseload, one relationship, one episode."""

from django.urls import path

from reknit.practice.doors.therapist.views import (
    caseload,
    clients,
    episodes,
    homework,
    learnings,
    noticing,
    relationship,
    sessions,
    supervision,
    today,
    words,
)

app_name = "therapist"
urlpatterns = [
    path("", today.today, name="today"),
    path("caseload/", caseload.caseload, name="caseload"),
    path("clients/new/", clients.new, name="new_client"),
    path("with/<int:pk>/", relationship.relationship, name="relationship"),
    path("with/<int:pk>/welcome/", clients.welcome, name="welcome"),
    path("with/<int:pk>/ending/", clients.ending, name="ending"),
    path("with/<int:pk>/sessions/", sessions.plan, name="plan"),
    path("with/<int:pk>/words/", words.words, name="words"),
    path("with/<int:pk>/good/", noticing.acknowledge, name="acknowledge"),
    path("with/<int:pk>/episodes/", noticing.begin, name="begin"),
    path("with/<int:pk>/learnings/", learnings.learning, name="learning"),
    path("with/<int:pk>/agreements/", learnings.agreement, name="agreement"),
    path("with/<int:pk>/homework/", homework.propose, name="homework"),
    path("sessions/<int:pk>/move/", sessions.move, name="move"),
    path("sessions/<int:pk>/record/", sessions.record, name="record"),
    path("sessions/<int:pk>/take-back/", sessions.take_back, name="take_back"),
    path("sessions/<int:pk>/check-in/", sessions.check_in, name="check_in"),
    path("sessions/<int:pk>/guess/", words.guess, name="guess"),
    path("questions/<int:pk>/", noticing.answer, name="question"),
    path("agreements/<int:pk>/retire/", learnings.retire_agreement, name="retire_agreement"),
    path("homework/<int:pk>/withdraw/", homework.withdraw, name="withdraw_homework"),
    path("episodes/<int:pk>/", episodes.episode, name="episode"),
    path("episodes/<int:pk>/understand/", episodes.understand, name="understand"),
    path("episodes/<int:pk>/reply/", episodes.reply, name="reply"),
    path("episodes/<int:pk>/learning/", learnings.learning_of_episode, name="episode_learning"),
    path("episodes/<int:pk>/agreement/", learnings.agreement_of_episode, name="episode_agreement"),
    path("episodes/<int:pk>/supervision/", supervision.ask, name="ask"),
    path("episodes/<int:pk>/supervision/take-back/", supervision.take_back, name="take_share_back"),
    path("episodes/<int:pk>/reflections/", episodes.reflect, name="reflect"),
    path("episodes/<int:pk>/close/", episodes.close, name="close"),
]
