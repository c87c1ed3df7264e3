"""The API, its description for people, tokens, and the calendar feed."""

from django.urls import include, path

from reknit.practice.doors.api import views
from reknit.practice.doors.api.api import api

pages = [
    path("docs", views.docs, name="docs"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", views.revoke, name="revoke"),
    path("hooks/", views.hooks, name="hooks"),
    path("hooks/<int:pk>/end/", views.end_hook, name="end_hook"),
    path("calendar/<str:secret>.ics", views.calendar, name="calendar"),
]
urlpatterns = [path("", include((pages, "api"))), path("", api.urls)]
