"""The least that Django can do durably: a view without middleware that writes one row and answers 200.

Served as the practice is: same database, same server, same number of workers and threads.
"""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reknit.practice.settings")
if not settings.configured:
    from reknit.practice import settings as practice

    settings.configure(
        DATABASES=practice.DATABASES, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], USE_TZ=True,
        HOME=practice.HOME,
    )  # fmt: skip
    django.setup()


def keep(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_bare (said) VALUES (%s)", [request.POST["key"]])
    return HttpResponse(headers={"Content-Length": "0"})


def well(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("", keep), path("healthz", well)]


def serve(port: int) -> None:
    from reknit.practice.launch import run

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute("CREATE TABLE bench_bare (said text NOT NULL)")
    run("127.0.0.1", port, "bare:application")


def __getattr__(name: str) -> object:
    if name == "application":
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()
    raise AttributeError(name)
