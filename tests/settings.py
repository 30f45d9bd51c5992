"""Settings for tests: a throw-away home, fast password hashing, no manifest; the rest is what users run."""

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="twoparks-test-")
os.mkdir(os.path.join(_home, "static"))  # where `prepare` gathers them for users
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ.setdefault("TWOPARKS_PARK", "hk")
os.environ["TWOPARKS_HOME"] = _home
os.environ["TWOPARKS_WAIVE_SECOND_FACTOR"] = (
    "1"  # as in the demonstration; tests of the entrance say otherwise
)
os.environ["TWOPARKS_SECRET_KEY"] = "only for tests, never for a node"

from twoparks.site.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
