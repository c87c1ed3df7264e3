"""The clinic: what clients said to it, and what it tells them."""

from django.urls import path

from reknit.practice.doors.clinic import views

app_name = "clinic"

urlpatterns = [
    path("", views.heard, name="heard"),
    path("settings/", views.settings, name="settings"),
]
