"""Settings of one node. What differs between nodes comes from the environment; everything else is the same code."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from twoparks.site.operations.logs import logging_settings

HERE = Path(__file__).resolve().parent

TWOPARKS_ZONE_FILE = os.environ.get("TWOPARKS_ZONE_FILE", str(HERE / "zones" / "hetao.yaml"))
TWOPARKS_PARK = os.environ.get("TWOPARKS_PARK", "hk")
TWOPARKS_HOME = os.environ.get("TWOPARKS_HOME", str(Path.cwd() / "var" / TWOPARKS_PARK))
TWOPARKS_PEER_URL = os.environ.get("TWOPARKS_PEER_URL", "http://localhost:8002")
TWOPARKS_ORIGIN = os.environ.get("TWOPARKS_ORIGIN", "http://localhost:8001")
TWOPARKS_METRICS_TOKEN = os.environ.get("TWOPARKS_METRICS_TOKEN", "")
TWOPARKS_DEMONSTRATION = os.environ.get("TWOPARKS_DEMONSTRATION", "none")  # none, small or full
# Made-up accounts of a demonstration zone only: see site/entrance.py. Nothing but `twoparks run` sets it.
TWOPARKS_WAIVE_SECOND_FACTOR = os.environ.get("TWOPARKS_WAIVE_SECOND_FACTOR", "0") == "1"


def _secret_key() -> str:
    """The node's secret: from the environment, else made once and kept in its home with mode 0600."""
    if given := os.environ.get("TWOPARKS_SECRET_KEY"):
        return given
    path = Path(TWOPARKS_HOME) / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another process of this node made it first
        finally:
            fresh.unlink()
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("TWOPARKS_DEBUG", "0") == "1"
ALLOWED_HOSTS = os.environ.get("TWOPARKS_HOSTS", "localhost,127.0.0.1,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [TWOPARKS_ORIGIN]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "twoparks.lists",
    "twoparks.registry",
    "twoparks.federation",
    "twoparks.permits",
    "twoparks.crossings",
    "twoparks.pilots",
    "twoparks.site",
]

MIDDLEWARE = [
    "twoparks.site.security.Security",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "twoparks.site.operations.requests.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "twoparks.site.calls.door.Door",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "twoparks.site.entrance.Entrance",
    "twoparks.site.refusals.Refusals",
]

ROOT_URLCONF = "twoparks.site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "twoparks.site.context.site",
            ]
        },
    }
]
WSGI_APPLICATION = "twoparks.site.wsgi.application"


def _database() -> dict[str, object]:
    """SQLite in the node's home, or the PostgreSQL address in TWOPARKS_DATABASE_URL."""
    url = os.environ.get("TWOPARKS_DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(TWOPARKS_HOME) / "db.sqlite3"),
            "CONN_MAX_AGE": 60,  # closing the last connection writes the WAL back, at every request
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    at = urlsplit(url)
    if at.scheme not in {"postgres", "postgresql"}:
        raise ValueError(
            f"TWOPARKS_DATABASE_URL: {at.scheme}:// is not supported; use postgresql://user@host/name"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": at.path.lstrip("/"),
        "USER": unquote(at.username or ""),
        "PASSWORD": unquote(at.password or ""),
        "HOST": at.hostname or "",
        "PORT": str(at.port or ""),
        "CONN_MAX_AGE": 60,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Counters that all processes of a node share: failed sign-ins, one-time codes already used.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "registry_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "twoparks.site.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "twoparks.site.passwords.NotOften"},
    {
        "NAME": "twoparks.site.passwords.NotYourName",
        "OPTIONS": {"user_attributes": ("username", "first_name")},
    },
]
ACCOUNT_ADAPTER = "twoparks.site.accounts.GivenAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # s
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key"}  # working limits: an address, an account
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "work"
MFA_ADAPTER = "twoparks.site.accounts.SecondFactors"
ACCOUNT_FORMS = {
    "change_password": "twoparks.site.account_forms.ChangePassword",
    "reauthenticate": "twoparks.site.account_forms.Reauthenticate",
}
MFA_FORMS = {
    "activate_totp": "twoparks.site.account_forms.ActivateApp",
    "add_webauthn": "twoparks.site.account_forms.AddPasskey",
    "authenticate": "twoparks.site.account_forms.ShowCode",
    "edit_webauthn": "twoparks.site.account_forms.RenamePasskey",
    "login_webauthn": "twoparks.site.account_forms.PasskeyLogin",
    "reauthenticate": "twoparks.site.account_forms.ShowCodeAgain",
}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 s to either side: clocks of phones drift

SESSION_ENGINE = "twoparks.registry.sessions"
SESSION_COOKIE_AGE = 30 * 86_400
# Working limits: (seconds without a page, seconds since sign-in) after which somebody signs in again.
TWOPARKS_SESSION_LIMITS_S = {"officer": (3_600, 12 * 3_600), "other": (7 * 86_400, 30 * 86_400)}
SESSION_COOKIE_NAME = f"twoparks_{TWOPARKS_PARK}_session"
CSRF_COOKIE_NAME = f"twoparks_{TWOPARKS_PARK}_csrf"
LANGUAGE_COOKIE_NAME = f"twoparks_{TWOPARKS_PARK}_language"
_HTTPS = TWOPARKS_ORIGIN.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _HTTPS and urlsplit(TWOPARKS_ORIGIN).hostname not in {"localhost", "127.0.0.1"}:
    # A browser applies it to every port of a host, so never where plain http also lives.
    SECURE_HSTS_SECONDS = int(os.environ.get("TWOPARKS_HSTS_S", "31536000"))

MESSAGE_TAGS = {25: "good", 30: "wait", 40: "stop"}  # success, warning, error, as the stylesheet says

# Calls to the API a minute, 0 for as many as come. Working limits of this installation, not figures of any law.
TWOPARKS_CALLS_PER_MINUTE = {
    "token": int(os.environ.get("TWOPARKS_CALLS_BY_TOKEN", "600")),
    "person": int(os.environ.get("TWOPARKS_CALLS_BY_PERSON", "600")),
    "address": int(os.environ.get("TWOPARKS_CALLS_BY_ADDRESS", "60")),
}
TWOPARKS_PROXIES = int(
    os.environ.get("TWOPARKS_PROXIES", "0")
)  # in front of this node, each adding X-Forwarded-For
if TWOPARKS_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # the proxy must set it itself

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hant", "繁體中文"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Hong_Kong"  # both parks share one clock; the page says whose

STATIC_URL = "/static/"
STATIC_ROOT = Path(TWOPARKS_HOME) / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

LOGGING = logging_settings(
    os.environ.get("TWOPARKS_LOG_FORMAT", "text"), os.environ.get("TWOPARKS_LOG_LEVEL", "INFO")
)
