"""The front page."""

from django.urls import path

from reknit.practice.doors.common import views

urlpatterns = [path("", views.welcome, name="welcome")]
