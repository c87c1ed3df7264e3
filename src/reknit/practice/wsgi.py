"""The practice as a WSGI application, for any server that speaks it."""

import os

from django.core.wsgi import get_wsgi_application

from reknit.trust import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reknit.practice.settings")

application = get_wsgi_application()
warm()  # a worker answers only once its first estimate would not keep anybody waiting
