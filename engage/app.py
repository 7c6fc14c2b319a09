"""The factory: everything that makes the app, in the order in which it is used."""

from flask import Flask
from flask_babel import Babel
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from config import ROOT, Settings
from engage.edge import (
    access,
    addresses,
    assets,
    bell,
    compiled_templates,
    context,
    headers,
    limits,
    logs,
    page_store,
    same_origin,
    sign_in,
    uploads,
)
from engage.edge.head import HeadAsGet
from engage.kernel.db import db, engine_options
from engage.responses.search import keeping
from engage.web import errors, filters
from engage.web.member import bp as member
from engage.web.operations import bp as operations
from engage.web.organiser import bp as organiser
from engage.web.public import bp as public
from engage.web.speaker import bp as speaker

LARGEST_FORM = 1024 * 1024


def create_app(settings: Settings) -> Flask:
    """Make an app of checked settings."""
    app = Flask("engage", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.extensions[context.EXTENSION] = settings
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=200,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "engage" / "translations"),
        WTF_CSRF_TIME_LIMIT=None,  # it ends with the session
        JSON_SORT_KEYS=False,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    compiled_templates.init_app(app, settings)
    logs.configure(settings)

    db.init_app(app)
    keeping.begin()
    Babel(app, locale_selector=context.choose_locale)
    limits.init_app(app, settings)
    bell.init_app(app, settings)
    sign_in.init_app(app)
    uploads.init_app(app)

    for blueprint in (public, member, speaker, organiser, operations):
        app.register_blueprint(blueprint)
    access.access("anyone")(app.view_functions["static"])

    logs.init_app(app)
    addresses.init_app(app)
    same_origin.init_app(app)
    access.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    assets.init_app(app, ROOT / "static", development=settings.development)
    page_store.init_app(app, settings)
    app.wsgi_app = HeadAsGet(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    _add_page_context(app, settings)
    return app


def _add_page_context(app: Flask, settings: Settings) -> None:
    """Give every page what its layout shows."""
    # Globals reach imported macros too; what follows the reader stays in the context.
    app.jinja_env.globals.update(
        csrf_token=generate_csrf,
        organisation_name=settings.organisation_name,
        asks_akismet=settings.akismet_mode != "off",
        contact_email=settings.contact_email,
        access_needs_kept_days=settings.access_needs_kept_days,
        site_has_sample=settings.development,
    )
    own_names = {"en": "English", "cy": "Cymraeg"}

    @app.context_processor
    def page() -> dict[str, object]:
        return {
            "language": context.locale(),
            "languages": [(code, own_names.get(code, code)) for code in context.languages()],
        }
