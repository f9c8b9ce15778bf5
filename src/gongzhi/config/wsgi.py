"""The WSGI application served by granian."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings")
application = get_wsgi_application()
_ = get_resolver().url_patterns  # before the port opens, so that nobody waits for the imports
