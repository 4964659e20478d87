"""Settings. Everything a county may set is an environment variable named here and explained in docs/reference/settings.md."""

import os
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = ROOT / "library"

# One folder holds all that changes: databases, evidence, keys, logs of the supervisor.
VAR = Path(os.environ.get("DUDAO_VAR", ROOT / "var")).resolve()
# What the county adds to the library or puts in place of its files.
COUNTY_LIBRARY = Path(os.environ.get("DUDAO_COUNTY_LIBRARY", VAR / "library")).resolve()

# demo: made-up people, a chosen day, ready accounts. production: none of these, and it refuses to start with them.
MODE = os.environ.get("DUDAO_MODE", "production")
if MODE not in ("demo", "production", "test"):
    raise ImproperlyConfigured(f"DUDAO_MODE 只能是 demo、production 或 test，不能是 {MODE!r}。")
DEMO = MODE == "demo"
DEBUG = False

# The county this installation serves: GB/T 2260 code.
COUNTY = os.environ.get("DUDAO_COUNTY", "640122")
# The office's own name, as the top bar, the sign-in page and prints say it.
OFFICE = os.environ.get("DUDAO_OFFICE", "贺兰县人民政府教育督导室")

# How others reach this house, for example https://dudao.example.gov.cn/; stands in the QR codes of issued papers. Left out:
# the address the signer used.
SITE = os.environ.get("DUDAO_SITE", "")

_today = os.environ.get("DUDAO_TODAY")
if _today and MODE == "production":
    raise ImproperlyConfigured("DUDAO_TODAY 是演示日期，正式运行不能使用；请从环境变量中去掉。")
DEMO_TODAY = date.fromisoformat(_today) if _today else None

DEFAULT_KEY = "demo-key-not-for-production"


def _secret(name: str) -> str:
    """``NAME`` or the content of the file ``NAME_FILE``; the demo has a default that production refuses."""
    path = os.environ.get(f"{name}_FILE")
    if path and not Path(path).is_file():
        raise ImproperlyConfigured(f"{name}_FILE 指的文件 {path} 不存在。")
    value = Path(path).read_text("utf-8").strip() if path else os.environ.get(name, DEFAULT_KEY)
    if MODE == "production" and (value == DEFAULT_KEY or len(value) < 32):
        raise ImproperlyConfigured(
            f"正式运行须设 {name} 或 {name}_FILE，至少 32 位随机字符（生成：python3 -c 'import secrets; print(secrets.token_urlsafe(48))'）；只看演示请用 make run。"
        )
    return value


SECRET_KEY = _secret("DUDAO_SECRET_KEY")
# Keys of encrypted fields and files. Outside database and backup on purpose.
KEY_FILE = Path(os.environ.get("DUDAO_KEY_FILE", VAR / "keys" / "field-keys.json"))
# What the next new key is for: sm4-gcm or aes-256-gcm. Values of other keys stay readable.
CIPHER = os.environ.get("DUDAO_CIPHER", "sm4-gcm")
if CIPHER not in ("sm4-gcm", "aes-256-gcm"):
    raise ImproperlyConfigured(f"DUDAO_CIPHER must be sm4-gcm or aes-256-gcm, not {CIPHER!r}")
ALLOWED_HOSTS = os.environ.get("DUDAO_HOSTS", "127.0.0.1,localhost").split(",")
# Stands while a restore is under way: nothing starts on half of a backup.
RESTORE_MARK = VAR / "restore-unfinished"
SECURE = os.environ.get("DUDAO_HTTPS", "0") == "1"


def _database(url: str, name: str) -> dict[str, object]:
    """A Django database entry from a URL: ``sqlite:///path`` or ``postgresql://user:password@host:port/name``."""
    if not url:
        VAR.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{VAR / (name + '.sqlite3')}"
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path,
            # A file, not memory: threads of a test then meet the same locks as processes do.
            "TEST": {"NAME": str(VAR / f"test-{name}.sqlite3")},
            "OPTIONS": {
                "timeout": float(os.environ.get("DUDAO_LOCK_TIMEOUT", "30")),
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in ("postgresql", "postgres"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or "") or os.environ.get("PGHOST", ""),
            "PORT": str(parts.port or os.environ.get("PGPORT", "")),
            "CONN_MAX_AGE": 60,
        }
    raise ImproperlyConfigured(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {parts.scheme!r}")


DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES: dict[str, dict[str, object]] = {"default": _database(DATABASE_URL, "dudao")}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Templates of form widgets, which our own renderer looks up like all others.
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "dudao.shell",
    "dudao.audit",
    "dudao.places",
    "dudao.accounts",
    "dudao.files",
    "dudao.jobs",
    "dudao.messages",
    "dudao.papers",
    "dudao.inspectors",
    "dudao.procedures",
    "dudao.findings",
    "dudao.returns",
    "dudao.dossiers",
    "dudao.indicators",
    "dudao.recognition",
    "dudao.complaints",
    "dudao.duties",
    "dudao.training",
    "dudao.visits",
    "dudao.plan",
    "dudao.meetings",
    "dudao.inspections",
    "dudao.draws",
    "dudao.teams",
    "dudao.disclosure",
    "dudao.workbench",
    "dudao.upkeep",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dudao.accounts.middleware.acting",
    "dudao.accounts.middleware.sign_in_first",
    "dudao.shell.middleware.refusals",
]

ROOT_URLCONF = "dudao.config.urls"
WSGI_APPLICATION = "dudao.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "dudao.shell.context.shell",
                "dudao.messages.context.bell",
            ],
            "builtins": ["dudao.shell.templatetags.parts", "template_partials.templatetags.partials"],
        },
    }
]
FORM_RENDERER = "dudao.shell.forms.Renderer"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "workbench:home"
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if MODE == "test"
    else ["django.contrib.auth.hashers.ScryptPasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "static" / "collected"
# Whitenoise warns about a folder that is not there yet; before the first collectstatic it is empty.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [ROOT / "static" / "built"] if (ROOT / "static" / "built").is_dir() else []
# Tests read the built assets where they are; elsewhere the supervisor collects them with hashed names.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = MODE == "test"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Tests serve what tools/assets.py built, without collecting it first.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = MODE == "test"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# A session without a click ends after so many minutes, and each after twelve hours (dudao.accounts.access).
SESSION_IDLE_MINUTES = int(os.environ.get("DUDAO_IDLE_MINUTES", "30"))
SESSION_COOKIE_AGE = 12 * 60 * 60
# How many reverse proxies of our own stand in front: their X-Forwarded-For is believed, nobody else's.
TRUSTED_PROXIES = int(os.environ.get("DUDAO_PROXIES", "0"))
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "dudao.shell.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# One file of evidence at most, and what a whole request may hold.
FILE_LIMIT = 50 * 1024 * 1024
# Evidence on disk, uploads under way among it: never in a folder that other accounts of the machine can read.
FILES = VAR / "files"
FILE_UPLOAD_TEMP_DIR = FILES / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "dudao.files.uploads.LimitedUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000


def _email(url: str) -> dict[str, object]:
    """Django's mail settings from ``smtp://user:password@host:port``; ``smtps`` for TLS, ``smtp+tls`` for STARTTLS."""
    if not url:
        return {"EMAIL_BACKEND": ""}
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps", "smtp+tls") or not parts.hostname:
        raise ImproperlyConfigured("DUDAO_EMAIL_URL must look like smtps://user:password@host:465")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
    }


# Ways out. E-mail is off until a server is named; the demo writes letters and short messages into files.
globals().update(_email(os.environ.get("DUDAO_EMAIL_URL", "")))
if DEMO and not os.environ.get("DUDAO_EMAIL_URL"):
    EMAIL_BACKEND, EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", VAR / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("DUDAO_EMAIL_FROM", "dudao@localhost")
# The class that talks to the county's provider of short messages (dudao.messages.sending.SmsGate).
SMS_GATE = os.environ.get("DUDAO_SMS_GATE", "dudao.messages.sending.FileGate" if DEMO else "")
SMS_FILE = VAR / "log" / "sms.jsonl"
# A job whose worker shows no life for this long is taken up by another one.
JOB_LEASE = timedelta(seconds=float(os.environ.get("DUDAO_JOB_LEASE", "60")))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A page that is not found is no news; an error is.
    "loggers": {"django.request": {"level": "ERROR"}},
}
