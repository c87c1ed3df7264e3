"""The clinic: what clients said to it, and what it tells them."""

from django.urls import path

from reknit.practice.doors.clinic import views

app_name = "clinic"

urlpatterns = [
    path("", views.heard, name="heard"),
    path("concerns/", views.concerns, name="concerns"),
    path("concerns/<int:pk>/", views.concern, name="concern"),
    path("settings/", views.settings, name="settings"),
]
