"""allauth's own addresses for signing in and looking after it."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
