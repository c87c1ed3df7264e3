"""The clinic: what clients said to it, and what it tells them."""

from django.urls import path

from reknit.practice.doors.clinic.views import (
    climate,
    concerns,
    hand_over,
    heard,
    owed,
    people,
    research,
    retention,
    settings,
)

app_name = "clinic"

urlpatterns = [
    path("", heard.heard, name="heard"),
    path("climate/", climate.climate, name="climate"),
    path("buys/", climate.buys, name="buys"),
    path("board.csv", climate.table, name="board_table"),
    path("board/<slug:name>.svg", climate.picture, name="board_picture"),
    path("owed/", owed.owed, name="owed"),
    path("owed/<int:pk>/", owed.one, name="owed_one"),
    path("concerns/", concerns.concerns, name="concerns"),
    path("concerns/<int:pk>/", concerns.concern, name="concern"),
    path("settings/", settings.settings, name="settings"),
    path("research/", research.research, name="research"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/change/", people.change, name="change_person"),
    path("invitations/<int:pk>/again/", people.invite_again, name="invite_again"),
    path("invitations/<int:pk>/revoke/", people.revoke, name="revoke_invitation"),
    path("retention/", retention.retention, name="retention"),
    path("retention/<int:pk>/", retention.erasing, name="erasing"),
    path("hand-over/", hand_over.hand_overs, name="hand_overs"),
    path("hand-over/mine/", hand_over.mine, name="my_hand_overs"),
    path("hand-over/client/<int:pk>/", hand_over.start, name="hand_over"),
    path("hand-over/client/<int:pk>/end/", hand_over.end, name="end_relationship"),
    path("hand-over/<int:pk>/off/", hand_over.call_off, name="call_off"),
    path("hand-over/<int:pk>/brought/", hand_over.brought, name="brought"),
]
