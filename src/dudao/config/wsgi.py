"""The entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application

from dudao.shell import crypto

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dudao.config.settings")
application = get_wsgi_application()
# A missing, foreign or open key file stops the start, not the first page that needs it.
crypto.ring()
