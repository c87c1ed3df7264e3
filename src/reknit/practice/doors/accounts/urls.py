"""allauth's own addresses for signing in and looking after it, and the language of one's pages."""

from django.urls import include, path

from reknit.practice.doors.accounts import elsewhere
from reknit.practice.doors.accounts.coming_in import invitation, sessions
from reknit.practice.doors.accounts.views import language

urlpatterns = [
    path("language/", language, name="account_language"),
    path("invitation/<str:token>/", invitation, name="account_invitation"),
    path("sessions/", sessions, name="usersessions_list"),
    path("oidc/<str:provider_id>/login/", elsewhere.login, name="openid_connect_login"),
    path("", include("allauth.urls")),
]
