"""The practice as a WSGI application, for any server that speaks it."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application
from django.template import engines
from django.urls import get_resolver

from reknit.trust import warm

# A thread that holds the writers' turn, or answers somebody, waits this long for one that only reckons; the
# interpreter's own 5 ms, once a statement, would make a turn many times as long as its work.
TURN_OF_A_THREAD = 0.0005  # seconds

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reknit.practice.settings")

application = get_wsgi_application()
sys.dont_write_bytecode = True  # a disk that is full would keep half of a file, and fail on it ever after
engines.all()  # the page that says so must need nothing more
warm()  # a worker answers only once its first estimate would not keep anybody waiting
_ = get_resolver().url_patterns  # nor its first address
sys.setswitchinterval(TURN_OF_A_THREAD)
gc.collect()
gc.freeze()  # what was loaded stays: looking through it for garbage stopped everybody for 150 ms
