"""Every page that a person can open, for the accessibility tests and the screenshots.

A place is (name, path, who): who is a name of the world, "newcomer" for somebody who has just signed up in this
browser, or "" for somebody who is not signed in. What stands in braces is filled by `prepare_places`. A test holds
this list against the address map, so no page is forgotten.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select

from app.accounts import operations, tokens
from app.accounts.models import EmailChange, User
from app.accounts.operations.mails import send
from app.accounts.states import change_state, reset_state, verify_state
from app.community import setup
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from app.reports import operations as moderating
from app.reports.models import NOTHING, Report
from app.reports.operations import Resolution
from app.skills.models import Skill
from app.skills.operations import propose
from tests.exchange.agreements import add_exchanges
from tests.exchange.posts import add_posts
from tests.support.admissions import add_admissions
from tests.support.browsing import NEWCOMER
from tests.support.care import add_cared_for
from tests.support.chats import add_chats
from tests.support.hours import add_hours
from tests.support.imports import add_imports
from tests.support.notices import FOR_ALL, add_notices
from tests.support.wallets import add_wallets
from tests.world import PASSWORD, PASSWORD_HASH, World

Places = dict[str, int | str]


@dataclass(frozen=True)
class PageToSee:
    name: str
    path: str
    who: str
    endpoint: str


PAGES = [
    PageToSee("landing", "/", "", "home.index"),
    PageToSee("sign-in", "/sign-in", "", "accounts.sign_in"),
    PageToSee("sign-up", "/sign-up", "", "accounts.sign_up"),
    PageToSee("check-mail", "/check-mail", "newcomer", "accounts.check_mail"),
    PageToSee("verify-email", "/verify-email/{verify}", "newcomer", "accounts.verify_email"),
    PageToSee("verify-email-elsewhere", "/verify-email/{verify}", "", "accounts.verify_email"),
    PageToSee("verify-email-used", "/verify-email/used", "", "accounts.verify_email"),
    PageToSee("verify-email-again", "/verify-email", "", "accounts.send_verification"),
    PageToSee("forgot-password", "/forgot-password", "", "accounts.forgot_password"),
    PageToSee("reset-password", "/reset-password/{reset}", "", "accounts.reset_password"),
    PageToSee("reset-password-used", "/reset-password/used", "", "accounts.reset_password"),
    PageToSee("email-change", "/email-change/{change}", "carol", "accounts.email_change"),
    PageToSee("email-change-used", "/email-change/used", "", "accounts.email_change"),
    PageToSee("dashboard", "/", "alice", "home.index"),
    PageToSee("dashboard-first", "/", "mod", "home.index"),
    PageToSee("members", "/members", "alice", "directory.members"),
    PageToSee("members-filtered", "/members?q=python", "alice", "directory.members"),
    PageToSee("members-none", "/members?q=nobodyofthisname", "alice", "directory.members"),
    PageToSee("profile", "/members/{bob}", "alice", "home.profile"),
    PageToSee("profile-own", "/members/{alice}", "alice", "home.profile"),
    PageToSee("matches", "/matches", "alice", "directory.matches"),
    PageToSee("matches-none", "/matches", "carol", "directory.matches"),
    PageToSee("matches-first", "/matches", "mod", "directory.matches"),
    PageToSee("matches-paused", "/matches", "admin", "directory.matches"),
    PageToSee("matches-one-way", "/matches/one-way", "alice", "directory.one_way_matches"),
    PageToSee("skills", "/skills", "alice", "skills.catalogue"),
    PageToSee("skills-none", "/skills?q=nothingofthisname", "alice", "skills.catalogue"),
    PageToSee("skill", "/skills/python", "alice", "skills.show"),
    PageToSee("skill-nobody", "/skills/knitting", "alice", "skills.show"),
    PageToSee("settings", "/settings", "alice", "settings.index"),
    PageToSee("settings-profile", "/settings/profile", "alice", "settings.profile"),
    PageToSee("settings-skills", "/settings/skills", "alice", "skills.settings"),
    PageToSee("settings-skills-search", "/settings/skills?kind=offer&q=gui", "alice", "skills.settings"),
    PageToSee("settings-skills-first", "/settings/skills?welcome=1", "mod", "skills.settings"),
    PageToSee("settings-skill-offered", "/settings/skills/entries/offer/{python}", "alice", "skills.entry"),
    PageToSee("settings-skill-wanted", "/settings/skills/entries/want/{spanish}", "alice", "skills.entry"),
    PageToSee("settings-availability", "/settings/availability", "alice", "settings.availability"),
    PageToSee("settings-account", "/settings/account", "alice", "settings.account"),
    PageToSee("settings-account-changing", "/settings/account", "carol", "settings.account"),
    PageToSee("settings-email", "/settings/account/email", "alice", "settings.email"),
    PageToSee("settings-email-changing", "/settings/account/email", "carol", "settings.email"),
    PageToSee("settings-password", "/settings/account/password", "alice", "settings.password"),
    PageToSee("settings-closing", "/settings/account/closing", "alice", "settings.closing"),
    PageToSee("settings-sessions", "/settings/sessions", "alice", "settings.sessions"),
    PageToSee("settings-privacy", "/settings/privacy", "alice", "settings.privacy"),
    PageToSee("settings-privacy-blocking", "/settings/privacy", "carol", "settings.privacy"),
    PageToSee("admin", "/admin", "mod", "admin.index"),
    PageToSee("admin-settings", "/admin/settings", "admin", "admin.settings"),
    PageToSee("admin-organisations", "/admin/organisations", "mod", "admin.organisations"),
    PageToSee("admin-organisation-new", "/admin/organisations/new", "mod", "admin.add_organisation"),
    PageToSee("admin-organisation", "/admin/organisations/{organisation}?q=b", "mod", "admin.organisation"),
    PageToSee("admin-member-limit", "/admin/members/{bob}/limit", "mod", "admin.member_limit"),
    PageToSee("admin-ledger", "/admin/ledger", "admin", "admin.ledger"),
    PageToSee("admin-ledger-line", "/admin/ledger/{transfer}", "admin", "admin.ledger_line"),
    PageToSee("admin-features", "/admin/features", "admin", "admin.features"),
    PageToSee("admin-test-mail", "/admin/test-mail", "admin", "admin.test_mail"),
    PageToSee("admin-bring-members", "/admin/bring-members", "admin", "admin.bring_members"),
    PageToSee("dashboard-coordinator", "/", "admin", "home.index"),
    PageToSee("admin-import", "/admin/import", "admin", "admin.import_members"),
    PageToSee("admin-import-check", "/admin/import/files/{import_file}", "admin", "admin.check_import"),
    PageToSee("admin-import-faults", "/admin/import/files/{import_faulty}", "admin", "admin.check_import"),
    PageToSee("admin-import-balances", "/admin/import/files/{import_bank}", "admin", "admin.check_import"),
    PageToSee("admin-import-none", "/admin/import/files/{import_known}", "admin", "admin.check_import"),
    PageToSee("admin-import-invitations", "/admin/import/invitations", "admin", "admin.invite_imported"),
    PageToSee("setup-preset", "/setup/{setup}?step=preset", "", "setup.wizard"),
    PageToSee("setup-place", "/setup/{setup}?step=place", "", "setup.wizard"),
    PageToSee("setup-rules", "/setup/{setup}?step=rules", "", "setup.wizard"),
    PageToSee("setup-you", "/setup/{setup}", "", "setup.wizard"),
    PageToSee("setup-used", "/setup/used", "", "setup.wizard"),
    PageToSee("join", "/join/{join}", "", "accounts.join"),
    PageToSee("join-personal", "/join/{join_personal}", "", "accounts.join"),
    PageToSee("join-gone", "/join/none", "", "accounts.join"),
    PageToSee("ask-for-invitation", "/invitation-request", "", "accounts.ask_for_invitation"),
    PageToSee("terms-none", "/terms", "", "accounts.terms"),
    PageToSee("waiting", "/waiting", "wanda", "accounts.waiting"),
    PageToSee("arrival", "/welcome", "alice", "home.arrival"),
    PageToSee("admin-invitations", "/admin/invitations", "mod", "admin.invitations"),
    PageToSee("admin-invite", "/admin/invitations/by-mail", "mod", "admin.invite"),
    PageToSee("admin-invitation-link", "/admin/invitations/link", "mod", "admin.make_link"),
    PageToSee("admin-invitation", "/admin/invitations/{invitation}", "mod", "admin.invitation"),
    PageToSee("admin-approvals", "/admin/approvals", "mod", "admin.approvals"),
    PageToSee("admin-refusal", "/admin/approvals/{wanda}/refusal", "mod", "admin.refuse"),
    PageToSee("admin-members", "/admin/members", "mod", "admin.members"),
    PageToSee("admin-members-none", "/admin/members?q=nobodyofthisname", "mod", "admin.members"),
    PageToSee("admin-member", "/admin/members/{bob}", "mod", "admin.member"),
    PageToSee("admin-member-offline", "/admin/members/{offline}", "mod", "admin.member"),
    PageToSee("admin-member-merged", "/admin/members/{merged}", "mod", "admin.member"),
    PageToSee("admin-member-admin", "/admin/members/{admin}", "mod", "admin.member"),
    PageToSee("admin-member-add", "/admin/members/new", "mod", "admin.add_member"),
    PageToSee("admin-member-edit", "/admin/members/{offline}/record", "mod", "admin.edit_member"),
    PageToSee("admin-member-disabling", "/admin/members/{bob}/disabling", "mod", "admin.disable_member"),
    PageToSee("admin-member-sign-in", "/admin/members/{offline}/sign-in", "mod", "admin.offer_sign_in"),
    PageToSee("admin-member-skills", "/admin/members/{offline}/skills", "mod", "admin.member_skills"),
    PageToSee(
        "admin-member-skills-search", "/admin/members/{offline}/skills?kind=want&q=bread", "mod", "admin.member_skills"
    ),
    PageToSee("admin-member-merge", "/admin/members/{offline}/merge?q=a", "mod", "admin.merge_member"),
    PageToSee("admin-member-merge-other", "/admin/members/{offline}/merge?other={carol}", "mod", "admin.merge_member"),
    PageToSee("profile-offline", "/members/{offline}", "alice", "home.profile"),
    PageToSee("claim", "/claim/{claim}", "", "accounts.claim"),
    PageToSee("claim-gone", "/claim/none", "", "accounts.claim"),
    PageToSee("admin-terms", "/admin/terms", "admin", "admin.terms"),
    PageToSee("admin-skills", "/admin/skills", "mod", "admin.skills"),
    PageToSee("admin-skills-search", "/admin/skills?q=bread", "mod", "admin.skills"),
    PageToSee("admin-skill", "/admin/skills/{python}", "mod", "admin.skill"),
    PageToSee("admin-skill-proposed", "/admin/skills/{proposed}", "mod", "admin.skill"),
    PageToSee("admin-skill-merge", "/admin/skills/{proposed}/merge?q=bread", "mod", "admin.merge_skill"),
    PageToSee("admin-skill-merge-into", "/admin/skills/{proposed}/merge?into={python}", "mod", "admin.merge_skill"),
    PageToSee("admin-print", "/admin/print", "mod", "admin.print_directory"),
    PageToSee("admin-reports", "/admin/reports", "mod", "admin.reports"),
    PageToSee("admin-reports-none", "/admin/reports?state=settled&mine=1", "mod", "admin.reports"),
    PageToSee("admin-report", "/admin/reports/{report}", "mod", "admin.report"),
    PageToSee("admin-report-in-review", "/admin/reports/{report_in_review}", "mod", "admin.report"),
    PageToSee("admin-report-settled", "/admin/reports/{report_settled}", "mod", "admin.report"),
    PageToSee("notices", "/notices", "alice", "notices.notices"),
    PageToSee("notices-none", "/notices", "mod", "notices.notices"),
    PageToSee("announcement", "/notices/announcements/{announcement}", "alice", "notices.announcement"),
    PageToSee("settings-notices", "/settings/notices", "alice", "notices.preferences"),
    PageToSee("unsubscribe", "/unsubscribe/{unsubscribe}", "", "notices.unsubscribe"),
    PageToSee("unsubscribe-gone", "/unsubscribe/none", "", "notices.unsubscribe"),
    PageToSee("admin-announcements", "/admin/announcements", "mod", "admin.announcements"),
    PageToSee("admin-announcement-new", "/admin/announcements/new", "mod", "admin.write_announcement"),
    PageToSee("admin-announcement", "/admin/announcements/{announcement_draft}", "mod", "admin.announcement"),
    PageToSee("admin-announcement-sent", "/admin/announcements/{announcement}", "mod", "admin.announcement"),
    PageToSee(
        "admin-announcement-edit",
        "/admin/announcements/{announcement_draft}/wording",
        "mod",
        "admin.reword_announcement",
    ),
    PageToSee("admin-mail", "/admin/mail", "admin", "admin.mail"),
    PageToSee("report", "/members/{alice}/report", "admin", "reports.report"),
    PageToSee("report-again", "/members/{alice}/report", "bob", "reports.report"),
    PageToSee("reports-mine", "/settings/privacy/reports", "bob", "reports.mine"),
    PageToSee("reports-none", "/settings/privacy/reports", "alice", "reports.mine"),
    PageToSee("chats", "/chats", "alice", "chats.index"),
    PageToSee("chats-archive", "/chats?archived=1", "alice", "chats.index"),
    PageToSee("chats-none", "/chats", "admin", "chats.index"),
    PageToSee("chats-found", "/chats?q=table", "alice", "chats.index"),
    PageToSee("chats-found-none", "/chats?q=nothingofthekind", "alice", "chats.index"),
    PageToSee("chat", "/chats/{chat}", "alice", "chats.show"),
    PageToSee("chat-start", "/chats/with/{bob}", "carol", "chats.start"),
    PageToSee("chat-edit", "/chats/{chat}/messages/{line}/edit", "alice", "chats.edit"),
    PageToSee("chat-report", "/chats/{chat}/messages/{answer}/report", "alice", "reports.report_message"),
    PageToSee("hours", "/hours", "alice", "hours.index"),
    PageToSee("hours-coordinator", "/hours", "mod", "hours.index"),
    PageToSee("hours-none", "/hours", "carol", "hours.index"),
    PageToSee("hours-record", "/hours/record?with={bob}", "alice", "hours.record"),
    PageToSee("hours-record-others", "/hours/record?direction=others", "mod", "hours.record"),
    PageToSee("hours-waiting", "/hours/{hours_waiting}", "alice", "hours.show"),
    PageToSee("hours-paid", "/hours/{hours_paid}", "alice", "hours.show"),
    PageToSee("posts", "/posts", "alice", "posts.index"),
    PageToSee("posts-filtered", "/posts?kind=request&place=riverton", "alice", "posts.index"),
    PageToSee("posts-none", "/posts?q=nothingofthisname", "alice", "posts.index"),
    PageToSee("posts-mine", "/posts/mine", "alice", "posts.mine"),
    PageToSee("posts-mine-none", "/posts/mine", "admin", "posts.mine"),
    PageToSee("posts-print", "/posts/print", "alice", "posts.print_posts"),
    PageToSee("post", "/posts/{post}", "bob", "posts.show"),
    PageToSee("post-own", "/posts/{post}", "alice", "posts.show"),
    PageToSee("post-over", "/posts/{post_over}", "alice", "posts.show"),
    PageToSee("post-new", "/posts/new", "alice", "posts.write"),
    PageToSee("post-edit", "/posts/{post}/edit", "alice", "posts.edit"),
    PageToSee("post-report", "/posts/{post}/report", "bob", "posts.report"),
    PageToSee("exchanges", "/exchanges", "alice", "exchanges.index"),
    PageToSee("exchanges-over", "/exchanges?over=1", "alice", "exchanges.index"),
    PageToSee("exchanges-none", "/exchanges", "admin", "exchanges.index"),
    PageToSee("exchange", "/exchanges/{exchange}", "alice", "exchanges.show"),
    PageToSee("exchange-asked", "/exchanges/{asked}", "alice", "exchanges.show"),
    PageToSee("exchange-over", "/exchanges/{over}", "alice", "exchanges.show"),
    PageToSee("exchange-new", "/exchanges/with/{bob}", "alice", "exchanges.propose"),
    PageToSee("exchange-counter", "/exchanges/{asked}/counter", "alice", "exchanges.counter"),
    PageToSee("exchange-plan", "/exchanges/{exchange}/sessions", "alice", "exchanges.plan"),
    PageToSee("exchange-session", "/exchanges/{exchange}/sessions/{meeting}", "alice", "exchanges.change_session"),
    PageToSee("wallet", "/wallet", "alice", "wallet.index"),
    PageToSee("wallet-none", "/wallet", "carol", "wallet.index"),
    PageToSee("wallet-statement", "/wallet/statement", "alice", "wallet.statement"),
    PageToSee("wallet-statement-none", "/wallet/statement?other=nobodyofthisname", "alice", "wallet.statement"),
    PageToSee("wallet-statement-first", "/wallet/statement", "carol", "wallet.statement"),
    PageToSee("wallet-print", "/wallet/statement/print", "alice", "wallet.print_statement"),
    PageToSee("wallet-offline", "/wallet/members/{offline}/statement", "mod", "wallet.offline_statement"),
    PageToSee(
        "wallet-offline-print", "/wallet/members/{offline}/statement/print", "mod", "wallet.print_offline_statement"
    ),
    PageToSee("wallet-transfer", "/wallet/transfers/{transfer}", "alice", "wallet.transfer"),
    PageToSee("wallet-give-whom", "/wallet/give?q=b", "alice", "wallet.give"),
    PageToSee("wallet-give", "/wallet/give/{bob}", "alice", "wallet.give_to"),
    PageToSee("wallet-give-organisation", "/wallet/give?organisation={organisation}", "alice", "wallet.give"),
    PageToSee("organisation", "/organisations/{organisation}", "alice", "wallet.organisation"),
    PageToSee(
        "organisation-statement", "/organisations/{organisation}/statement", "alice", "wallet.organisation_statement"
    ),
    PageToSee(
        "organisation-print",
        "/organisations/{organisation}/statement/print",
        "alice",
        "wallet.print_organisation_statement",
    ),
    PageToSee("components", "/dev/components", "", "dev.components"),
    PageToSee("mails", "/dev/mail", "", "dev.mails"),
    PageToSee("mail", "/dev/mail/{mail}", "", "dev.mail"),
    PageToSee("not-found", "/there-is-nothing-here", "alice", ""),
    PageToSee("not-found-signed-out", "/sign-in/nothing", "", ""),
]
WIDTHS = {"phone": 390, "desktop": 1280}
THEMES = ("light", "dark")
HEIGHT = 844


def prepare_places(ids: World) -> Places:
    """Makes what the pages show, commits it, and returns what stands for the braces in their paths.

    Somebody has just signed up, Carol is changing her address and has blocked somebody, and the administrator
    takes a break.
    """
    operations.ask_for_email_change(ids.carol, PASSWORD, "carol.castillo@example.net")
    newcomer = User(name="Nora Newman", name_key="nora newman", email=NEWCOMER, email_key=NEWCOMER)
    newcomer.password_hash, newcomer.approved_at = PASSWORD_HASH, now()
    db.session.add(newcomer)
    db.session.flush()
    send("verify_email", newcomer.id)
    operations.block(ids.carol, ids.mod)
    operations.set_paused(ids.admin, True)
    reported = add_reports(ids)
    reported["proposed"] = propose(ids.carol, "Baking with wild yeast").id
    setup_token = setup.make_link()
    setup.go_on(setup_token, setup.RULES)
    db.session.commit()
    change = db.session.scalars(select(EmailChange).where(EmailChange.user_id == ids.carol)).one()
    alice, carol = db.session.get_one(User, ids.alice), db.session.get_one(User, ids.carol)
    skills = dict(db.session.execute(select(Skill.slug, Skill.id)).all())
    places = {
        **asdict(ids),
        **reported,
        **add_admissions(ids),
        **add_cared_for(ids),
        "setup": setup_token,
        "verify": tokens.sign(tokens.VERIFY, newcomer.id, verify_state(newcomer)),
        "reset": tokens.sign(tokens.RESET, alice.id, reset_state(alice)),
        "change": tokens.sign(tokens.CHANGE_EMAIL, change.id, change_state(carol, change), "old"),
        "mail": db.session.scalars(select(OutboxMail.id).where(OutboxMail.user_id == newcomer.id)).one(),
        "python": skills["python"],
        "spanish": skills["spanish"],
        "chess": skills["chess"],
        **add_imports(ids),
        **add_hours(ids),
        **add_wallets(ids),
        **add_chats(ids),
        **add_notices(ids, FOR_ALL),
        **add_posts(ids),
        **add_exchanges(ids),
    }
    db.session.remove()
    return places


def add_reports(ids: World) -> dict[str, int]:
    """One report in each state that a moderator meets, each with what was said and how it looked."""
    reports = {
        "report": Report(reporter_id=ids.bob, reported_id=ids.alice, subject_id=ids.alice, reason="spam"),
        "report_in_review": Report(reporter_id=ids.bob, reported_id=ids.carol, subject_id=ids.carol, reason="unsafe"),
        "report_settled": Report(reporter_id=ids.carol, reported_id=ids.alice, subject_id=ids.alice, reason="other"),
    }
    for report in reports.values():
        report.words = "She wrote to me three times, and I had asked her not to."
        report.snapshot = [["name", "Alice Adeyemi"], ["bio", "Alice likes to share.\nBuy now!"]]
    db.session.add_all(reports.values())
    db.session.flush()
    found = {name: report.id for name, report in reports.items()}
    for name in ("report_in_review", "report_settled"):
        moderating.review(found[name], ids.mod, 1)
    moderating.resolve(found["report_settled"], ids.mod, 2, Resolution(NOTHING, "They have talked it over."))
    return found
