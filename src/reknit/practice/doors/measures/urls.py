"""Questionnaires: the clinic's choice, a relationship's schedule, alerts of danger."""

from django.urls import path

from reknit.practice.doors.measures import views

app_name = "measures"
urlpatterns = [
    path("", views.chosen, name="chosen"),
    path("use/<slug:key>/", views.use, name="use"),
    path("use/<slug:key>/wording/", views.wording, name="wording"),
    path("with/<int:pk>/", views.relationship, name="relationship"),
    path("schedules/<int:pk>/stop/", views.stop, name="stop"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<int:pk>/", views.alert, name="alert"),
]
