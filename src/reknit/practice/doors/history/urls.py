"""Old ratings in, the caseload out."""

from django.urls import path

from reknit.practice.doors.history import views

app_name = "history"
urlpatterns = [
    path("", views.begin, name="begin"),
    path("caseload.csv", views.caseload, name="caseload"),
    path("<int:pk>/", views.look, name="look"),
    path("<int:pk>/faults.csv", views.faults, name="faults"),
    path("<int:pk>/run/", views.run, name="run"),
    path("<int:pk>/step/", views.step, name="step"),
    path("<int:pk>/undo/", views.undo, name="undo"),
]
