"""The clinic: what clients said to it, and what it tells them."""

from django.urls import path

from reknit.practice.doors.clinic.views import concerns, heard, settings

app_name = "clinic"

urlpatterns = [
    path("", heard.heard, name="heard"),
    path("concerns/", concerns.concerns, name="concerns"),
    path("concerns/<int:pk>/", concerns.concern, name="concern"),
    path("settings/", settings.settings, name="settings"),
]
