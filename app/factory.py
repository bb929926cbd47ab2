"""The whole wiring on one page: what exists, in which order it is started, and who registers what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click
from flask import Flask
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

import app.models as tables
import config
from app import menu
from app.accounts import admissions, standing, viewer
from app.accounts import cli as accounts_cli
from app.accounts import demo as accounts_demo
from app.accounts import operations as accounts
from app.accounts import queries as account_queries
from app.accounts import routes as account_routes
from app.admin import backups as admin_backups
from app.admin import cli as admin_cli
from app.admin import outbox as admin_outbox
from app.admin import routes as admin_routes
from app.chats import demo as chats_demo
from app.chats import doubles as chat_doubles
from app.chats import kinds as chat_kinds
from app.chats import operations as chats
from app.chats import queries as chat_queries
from app.chats import routes as chat_routes
from app.community import demo as community_demo
from app.community import presets
from app.community.cli import community_cli
from app.core import (
    access,
    assets,
    db,
    dev,
    errors,
    files,
    headers,
    health,
    i18n,
    idempotency,
    live,
    logs,
    migrating,
    outbox,
    planned,
    preparing,
    registry,
    switches,
    templating,
    ticks,
    words,
)
from app.core.migrating import Migrations
from app.core.registry import MailKind, Registry, Tick
from app.directory import routes as directory_routes
from app.exchange import brought
from app.exchange import doubles as exchange_doubles
from app.exchange import kinds as exchange_kinds
from app.exchange import news as posts_news
from app.exchange import routes as exchange_routes
from app.exchange.demo import exchanges as exchanges_demo
from app.exchange.demo import posts as posts_demo
from app.exchange.hours import answering as hour_answers
from app.exchange.hours import checks as hour_checks
from app.exchange.hours import demo as hours_demo
from app.exchange.hours import doubles as hour_doubles
from app.exchange.hours import kinds as hour_kinds
from app.exchange.hours import leaving as hour_leaving
from app.exchange.hours import queries as hour_queries
from app.exchange.hours import routes as hour_routes
from app.exchange.operations import leaving as exchange_leaving
from app.exchange.operations import posts as post_operations
from app.exchange.operations import ticking as exchange_ticks
from app.exchange.queries import exchanges as exchange_queries
from app.exchange.queries import posts as post_queries
from app.home import cli as home_cli
from app.home import demo
from app.home import routes as home_routes
from app.imports import operations as imports
from app.imports import queries as import_queries
from app.notices import cli as notices_cli
from app.notices import demo as notices_demo
from app.notices import doubles as notice_doubles
from app.notices import kinds as notice_kinds
from app.notices import mails as notice_mails
from app.notices import operations as notices
from app.notices import queries as notice_queries
from app.notices import routes as notice_routes
from app.reports import demo as reports_demo
from app.reports import doubles as report_doubles
from app.reports import operations as reports
from app.reports import queries as report_queries
from app.reports import routes as report_routes
from app.skills import cli as skills_cli
from app.skills import demo as skills_demo
from app.skills import moderation
from app.skills import operations as skills
from app.skills import queries as skill_queries
from app.skills import routes as skill_routes
from app.wallet import cli as wallet_cli
from app.wallet import demo as wallet_demo
from app.wallet import doubles as wallet_doubles
from app.wallet import keeping as wallet_keeping
from app.wallet import notices as wallet_notices
from app.wallet import operations as wallet
from app.wallet import routes as wallet_routes

migrate = Migrations()
csrf = CSRFProtect()


def create_app(settings: config.Config | None = None, **overrides: object) -> Flask:
    """The application. `settings` default to the environment; `overrides` are Flask configuration keys."""
    settings = settings or config.load()
    logs.configure(settings.development)
    app = Flask("app", root_path=str(config.ROOT / "app"), template_folder="../templates", static_folder=None)
    app.config.update(settings.as_flask())
    app.config.update(overrides)
    start_core(app)
    register_features(app, registry.init_app(app))
    return app


def start_core(app: Flask) -> None:
    """Order matters: the log clock starts first, then the transaction's intent, then who is looking, then access."""
    assets.serve(app)
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    logs.init_app(app)
    db.init_app(app)
    planned.init_app(app)
    migrate.init_app(app, db.db, directory=str(config.ROOT / "migrations"))
    errors.init_app(app, viewer.visit)
    viewer.init_app(app)
    switches.init_app(app, lambda: viewer.visit().community)
    words.init_app(app, lambda: viewer.visit().community.preset)
    standing.init_app(app)
    csrf.init_app(app)
    access.init_app(app)
    headers.init_app(app)
    outbox.mailman.init_app(app)
    i18n.init_app(
        app, lambda: current_user.locale, lambda: current_user.timezone, lambda: viewer.visit().community.locale
    )
    templating.init_app(app)
    ticks.init_app(app)
    live.init_app(app)
    assets.register_cli(app)
    preparing.register_cli(app)
    app.register_blueprint(health.blueprint)
    if app.config["DEVELOPMENT"]:
        app.register_blueprint(dev.blueprint)
    app.extensions["guildhall.demo"] = demo.load
    app.extensions["guildhall.setup_link"] = admin_cli.new_link
    app.extensions["guildhall.ensure_schema"] = migrating.ensure_schema
    app.shell_context_processor(shell_context)
    app.jinja_env.globals["community"] = LocalProxy(lambda: viewer.visit().community)


def register_features(app: Flask, into: Registry) -> None:
    for blueprint in (
        account_routes.blueprint,
        account_routes.settings_blueprint,
        skill_routes.blueprint,
        notice_routes.blueprint,
        chat_routes.blueprint,
        wallet_routes.blueprint,
        report_routes.blueprint,
        directory_routes.blueprint,
        exchange_routes.posts_blueprint,
        hour_routes.blueprint,
        exchange_routes.exchanges_blueprint,
        home_routes.blueprint,
        admin_routes.blueprint,
        admin_routes.setup_blueprint,
    ):
        app.register_blueprint(blueprint)
    commands: list[click.Command] = [
        community_cli,
        accounts_cli.users_cli,
        skills_cli.skills_cli,
        notices_cli.notices_cli,
        wallet_cli.wallet_cli,
        home_cli.demo_cli,
        admin_cli.setup_link,
    ]
    for command in commands:
        app.cli.add_command(command)
    menu.add_switches(into)
    menu.add_navigation(into)
    add_periodic_work(into)
    into.recipient = accounts.recipient
    into.add_mail_kinds(*(MailKind(name, context) for name, context in accounts.MAIL_CONTEXTS.items()))
    into.add_badge("me", account_queries.unverified_count)
    into.add_badge("approvals", admissions.waiting_count)
    into.add_badge("invitations", admissions.wishes_count)
    into.add_badge("me", skill_queries.missing_kinds_count)
    into.add_mail_kinds(MailKind(reports.WARNING, reports.warning_context))
    into.add_mail_kinds(MailKind(imports.INVITATION, imports.invitation_context, is_bulk=True))
    into.add_badge("reports", report_queries.waiting_count)
    into.add_badge("proposals", moderation.proposed_count)
    into.add_badge("mail", admin_outbox.failing_count)
    into.add_mail_kinds(MailKind(skills.DECIDED, skills.decided_context))
    into.add_notice_kinds(chat_kinds.NOTICE_KIND)
    into.add_badge("chats", chat_queries.unread_count, presets.CHATS)
    into.add_notice_kinds(*exchange_kinds.NOTICE_KINDS)
    into.add_line_kinds(*exchange_kinds.LINE_KINDS)
    into.add_notice_kinds(*hour_kinds.NOTICE_KINDS)
    into.add_line_kinds(*hour_kinds.LINE_KINDS)
    into.add_badge("hours", hour_queries.waiting_count, presets.HOURS)
    into.add_notice_kinds(*wallet_notices.NOTICE_KINDS)
    into.add_arrival("wallet", wallet.welcome)
    into.add_live_state("chats", chat_queries.live_state)
    into.add_live_state("notices", notice_queries.live_state)
    add_notices(into)
    into.add_demo("community", community_demo.load)
    into.add_demo("accounts", accounts_demo.load)
    into.add_demo("skills", skills_demo.load)
    into.add_demo("chats", chats_demo.load)
    into.add_demo("posts", posts_demo.load)
    into.add_demo("exchanges", exchanges_demo.load)
    into.add_demo("wallet", wallet_demo.load)
    into.add_demo("hours", hours_demo.load)
    into.add_demo("reports", reports_demo.load)
    into.add_demo("notices", notices_demo.load)
    into.add_closer("exchanges", exchange_leaving.forget_member)
    into.add_closer("posts", post_operations.forget_member)
    into.add_closer("hours", hour_leaving.forget_member)
    into.add_ledger_check("hours", hour_checks.check)
    into.add_ledger_check("imports", imports.check)
    into.add_import_taker("posts", brought.TAKER)
    # After those that give back what was set aside.
    into.add_closer("wallet", wallet.forget_member)
    into.add_closer("chats", chats.forget_member)
    into.add_closer("skills", skills.forget_member)
    into.add_closer("notices", notices.forget_member)
    into.add_closer("reports", reports.forget_member)
    into.add_closer("imports", imports.forget_member)
    into.add_closer("merges", accounts.forget_merges)
    into.add_closer("accounts", accounts.forget_member)
    into.add_merger("accounts", accounts.MERGER)
    into.add_merger("skills", skills.MERGER)
    into.add_merger("chats", chat_doubles.MERGER)
    into.add_merger("agreements", exchange_doubles.AGREEMENT_MERGER)
    into.add_merger("wallet", wallet_doubles.MERGER)
    into.add_merger("reports", report_doubles.MERGER)
    into.add_merger("notices", notice_doubles.MERGER)
    into.add_exporter("accounts", account_queries.export)
    into.add_exporter("skills", skill_queries.export)
    into.add_exporter("chats", chat_queries.export)
    into.add_exporter("wallet", wallet_keeping.export)
    into.add_exporter("reports", report_queries.export)
    into.add_exporter("notices", notice_queries.export)
    into.add_badge("exchanges", exchange_queries.waiting_count, presets.CHATS)
    into.add_news(posts_news.SOURCE)
    into.add_merger("posts", exchange_doubles.POST_MERGER)
    into.add_merger("exchanges", exchange_doubles.EXCHANGE_MERGER)
    into.add_merger("hours", hour_doubles.MERGER)
    into.add_exporter("posts", post_queries.export)
    into.add_exporter("exchanges", exchange_queries.export)
    into.add_exporter("imports", import_queries.export)
    into.add_exporter("hours", hour_queries.export)


def add_notices(into: Registry) -> None:
    csrf.exempt(notice_routes.unsubscribe)
    into.add_notice_kinds(*notice_kinds.OWN_KINDS)
    into.add_notice_kinds(admin_backups.NOTICE_KIND)
    into.add_mail_kinds(*(MailKind(name, context) for name, context in notice_mails.SINGLE_CONTEXTS.items()))
    for name, context in notice_mails.BULK_CONTEXTS.items():
        into.add_mail_kinds(MailKind(name, context, is_bulk=True))
    into.add_badge("notices", notice_queries.unread_count)


def add_periodic_work(into: Registry) -> None:
    into.add_ticks(
        # Mails have leases of their own, so a second run beside a slow one does no harm; a dead one is soon replaced.
        Tick("send mail", timedelta(seconds=2), outbox.send_due, longest=timedelta(seconds=30)),
        Tick("show notices", timedelta(seconds=2), notices.show_held),
        Tick("purge mail", timedelta(hours=24), outbox.purge),
        Tick("purge live events", timedelta(hours=1), live.purge),
        Tick("purge files", timedelta(hours=24), files.purge_orphans),
        Tick("purge sign-ins", timedelta(hours=1), accounts.purge_expired),
        Tick("purge imports", timedelta(hours=1), imports.purge_uploads),
        Tick("empty closed accounts", timedelta(hours=1), accounts.empty_closed),
        Tick("purge merges", timedelta(hours=24), accounts.purge_merges),
        Tick("daily digests", timedelta(minutes=5), notices.send_daily),
        Tick("weekly news", timedelta(minutes=15), notices.send_weekly),
        Tick("announcements", timedelta(seconds=5), notices.send_waiting),
        Tick("purge notices", timedelta(hours=24), notices.purge),
        Tick("purge digests", timedelta(hours=24), notices.purge_digests),
        Tick("settle exchanges", timedelta(minutes=1), exchange_ticks.act_on_due),
        Tick("ask how it went", timedelta(minutes=1), exchange_ticks.ask_how_it_went),
        Tick("check the books", timedelta(hours=1), wallet.check_books, longest=timedelta(minutes=50)),
        Tick("purge requests done once", timedelta(hours=24), idempotency.purge),
        Tick("expire posts", timedelta(minutes=5), post_operations.expire_posts),
        Tick("expire recorded hours", timedelta(minutes=15), hour_answers.expire_waiting),
        admin_backups.TICK,
        Tick("refresh availability", timedelta(days=7), accounts.refresh_availability),
    )


def shell_context() -> dict[str, Any]:
    """`flask shell` has the database and every table at hand."""
    return {"db": db.db, **{name: getattr(tables, name) for name in tables.__all__}}
