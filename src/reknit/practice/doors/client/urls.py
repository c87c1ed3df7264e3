"""Everything a client can open. Each address begins with the link's token, which is the only key."""

from django.urls import path

from reknit.practice.doors.client.views import (
    answers,
    check_in,
    concern,
    door,
    erasure,
    home,
    messages,
    moving,
    owed,
    questionnaire,
    worker,
)

app_name = "client"
urlpatterns = [
    path("worker.js", worker.worker, name="worker"),
    path("no-more/<str:secret>/", messages.no_more, name="no_more"),
    path("<str:token>/", door.door, name="door"),
    path("<str:token>/begin/", door.begin, name="begin"),
    path("<str:token>/check-in/<int:pk>/", check_in.from_home, name="check_in"),
    path("<str:token>/received/<uuid:key>/", check_in.received, name="received"),
    path("<str:token>/add/<uuid:key>/", check_in.add, name="add"),
    path("<str:token>/said/", home.said, name="said"),
    path("<str:token>/said/<int:pk>/", home.widen, name="widen"),
    path("<str:token>/reply/<int:pk>/", answers.reply, name="reply"),
    path("<str:token>/mended/<int:pk>/", answers.mended, name="mended"),
    path("<str:token>/learning/<int:pk>/", answers.learning, name="learning"),
    path("<str:token>/agreement/<int:pk>/", answers.agreement, name="agreement"),
    path("<str:token>/homework/<int:pk>/", answers.homework, name="homework"),
    path("<str:token>/good/<int:pk>/", answers.acknowledgement, name="acknowledgement"),
    path("<str:token>/concern/", concern.concern, name="concern"),
    path("<str:token>/clinic/", owed.owed, name="owed"),
    path("<str:token>/clinic/<int:pk>/", owed.answer, name="owed_answer"),
    path("<str:token>/form/<int:pk>/", questionnaire.questionnaire, name="questionnaire"),
    path("<str:token>/form/<uuid:key>/", questionnaire.kept, name="questionnaire_kept"),
    path("<str:token>/readers/", home.readers, name="readers"),
    path("<str:token>/everything/", home.to_read, name="everything"),
    path("<str:token>/download/", home.download, name="download"),
    path("<str:token>/messages/", messages.messages, name="messages"),
    path("<str:token>/erase/", erasure.erasure, name="erasure"),
    path("<str:token>/moving/", moving.moving, name="moving"),
    path("<str:token>/link/", door.new_link, name="new_link"),
    path("<str:token>/stop/", door.stop, name="stop"),
]
