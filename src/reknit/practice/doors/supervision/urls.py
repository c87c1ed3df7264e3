"""Supervision."""

from django.urls import path

from reknit.practice.doors.supervision import views

app_name = "supervision"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("<int:pk>/", views.share, name="share"),
    path("with/<int:pk>/", views.begin, name="begin"),
]
