"""A launch from the record system, and the settings for it."""

from django.urls import path

from reknit.practice.doors.smart import views

app_name = "smart"
urlpatterns = [
    path("launch", views.launch, name="launch"),
    path("back", views.back, name="back"),
    path("who/", views.who, name="who"),
    path("", views.systems, name="systems"),
    path("<int:pk>/end/", views.end, name="end"),
]
