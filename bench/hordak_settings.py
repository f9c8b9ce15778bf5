"""Django for django-hordak alone: it is measured beside the books, not part of Gongzhi."""

import os

from gongzhi.config.settings import database

DATABASES = {"default": database(os.environ["HORDAK_URL"])}
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"]
SECRET_KEY = "only-for-the-bench"
USE_TZ = True
DEFAULT_CURRENCY = "CNY"
HORDAK_INTERNAL_CURRENCY = "CNY"
CURRENCIES = HORDAK_CURRENCIES = ["CNY"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
