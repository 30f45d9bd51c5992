"""The node as a WSGI application."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from twoparks.site.operations import meters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twoparks.site.settings")
meters.share(Path(settings.TWOPARKS_HOME))
application = get_wsgi_application()
