"""Old ratings and calendars in, the caseload out."""

from django.urls import path

from reknit.practice.doors.history import calendar_views, views

app_name = "history"
urlpatterns = [
    path("", views.begin, name="begin"),
    path("caseload.csv", views.caseload, name="caseload"),
    path("calendar/", calendar_views.begin, name="calendar"),
    path("calendar/plan/", calendar_views.plan, name="calendar_plan"),
    path("calendar/undo/", calendar_views.undo, name="calendar_undo"),
    path("<int:pk>/", views.look, name="look"),
    path("<int:pk>/faults.csv", views.faults, name="faults"),
    path("<int:pk>/run/", views.run, name="run"),
    path("<int:pk>/step/", views.step, name="step"),
    path("<int:pk>/undo/", views.undo, name="undo"),
]
