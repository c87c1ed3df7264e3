"""The practice's own settings over a throw-away folder, with quick passwords and plain static files."""

import os
import tempfile

_home = tempfile.TemporaryDirectory(prefix="reknit-tests-")
for _name in [name for name in os.environ if name.startswith("REKNIT_")]:
    del os.environ[_name]
os.environ["REKNIT_HOME"] = _home.name
os.environ["REKNIT_LOG_LEVEL"] = "WARNING"

from reknit.practice.settings import *  # noqa: E402, F403
from reknit.practice.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # pytest-django knows only Django's own SQLite engine; with xdist it would look for a file of an odd name.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}
