"""All settings, from the environment. One file; `docs/guides/running.md` lists the variables."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("GONGZHI_DATA", ".gongzhi")).resolve()


def flag(name: str, default: bool) -> bool:
    """A yes/no variable: 1/true/yes/on are yes."""
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def database(url: str) -> dict[str, Any]:
    """Django's description of a `postgresql://user:pass@host:port/name?host=/socket` address."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "gongzhi",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(query.get("port", parts.port or "")),
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "gongzhi",
            "connect_timeout": 5,
            # Without a number psycopg prepares nothing, whatever core.db asks for. Django's own
            # statements bind on the client and stay unprepared.
            "prepare_threshold": 5,
        },
    }


DEBUG = flag("GONGZHI_DEBUG", False)
DEMO = flag("GONGZHI_DEMO", False)
SECRET_KEY = os.environ.get("GONGZHI_SECRET_KEY", "only-for-development-and-tests")
ALLOWED_HOSTS = os.environ.get("GONGZHI_HOSTS", "*").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("GONGZHI_ORIGINS", "").split(",") if o]
HTTPS = flag("GONGZHI_HTTPS", False)

DATABASES = {
    "default": database(
        os.environ.get("DATABASE_URL", "postgresql://gongzhi@127.0.0.1:54329/gongzhi")
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "leaflet",
    "procrastinate.contrib.django",
    "gongzhi.core",
    "gongzhi.places",
    "gongzhi.people",
    "gongzhi.log",
    "gongzhi.publications",
    "gongzhi.surveys",
    "gongzhi.ledger",
    "gongzhi.ledger.points",
    "gongzhi.matters",
    "gongzhi.deliberation.bodies",
    "gongzhi.deliberation.meetings",
    "gongzhi.deliberation.ballots",
    "gongzhi.deliberation.rounds",
    "gongzhi.deliberation.budgets",
    "gongzhi.deliberation.proposals",
    "gongzhi.deliberation.programmes",
    "gongzhi.mall",
    "gongzhi.channels",
    "gongzhi.web",
    "gongzhi.api",
]

MIDDLEWARE = [
    "gongzhi.web.middleware.Whole",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gongzhi.web.middleware.Plain",
    "django.middleware.gzip.GZipMiddleware",  # 50 KB a page on a slow phone; masks form tokens
    "gongzhi.api.fast.Gate",  # programs skip the layers below that only pages need
    "gongzhi.api.fast.Session",
    "gongzhi.api.fast.Locale",
    "gongzhi.api.fast.Common",
    "gongzhi.api.fast.Csrf",
    "gongzhi.api.fast.Authentication",
    "gongzhi.web.middleware.Who",
    "gongzhi.api.fast.Messages",
    "gongzhi.api.fast.Htmx",
    "gongzhi.api.fast.Csp",
    "gongzhi.web.middleware.Sentences",
]

ROOT_URLCONF = "gongzhi.config.urls"
WSGI_APPLICATION = "gongzhi.config.wsgi.application"
AUTH_USER_MODEL = "people.Account"
LOGIN_URL = "/sign-in"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [ROOT / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "gongzhi.web.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "gongzhi.web.jinja.page",
            ],
        },
    },
]

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
LANGUAGE_COOKIE_NAME = "lang"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [ROOT / "web" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# `up` collects and packs them into the data folder; without that they come from the source.
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "stamp.txt").is_file()
WHITENOISE_MAX_AGE = 86_400
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
LIVE_URL = os.environ.get("GONGZHI_LIVE_URL") or "/live/"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "gongzhi.web.errors.expired_form"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],  # style attributes of our own SVG pictures
        "script-src": ["'self'"],
        # A live stream on a port of its own is another origin; behind a proxy it is not.
        "connect-src": ["'self'", *([f"*{LIVE_URL.split('/')[0]}"] if LIVE_URL[0] == ":" else [])],
        "media-src": ["'self'", "blob:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

# Six photos of 15 MB and a voice note in one form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
MOST_SENT = 128 * 1024 * 1024  # six photos, a voice note and a roster fit
MOST_DRAINED = 256 * 1024 * 1024  # of what is too large; then the connection is cut
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 12

# Sign-in codes go to the console in development and demonstration.
SMS_URL = os.environ.get("GONGZHI_SMS_URL", "")
# Folders the bank's and the register's own clients watch; empty: clerks carry the files.
MALL_BANK_FOLDER = os.environ.get("GONGZHI_BANK_FOLDER", "")
MALL_REGISTER_FOLDER = os.environ.get("GONGZHI_REGISTER_FOLDER", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("GONGZHI_LOG", "WARNING")},
}
