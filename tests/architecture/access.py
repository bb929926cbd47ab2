"""The access matrix: every address, in every role, with the answer that it must give (P18).

Roles: nobody signed in; Carol, a stranger to the row; Bob, the other side; Alice, whose row it is; a moderator; an
administrator. Moderators and administrators are strangers to private rows. A tuple gives the answers in that order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES = ("", "carol", "bob", "alice", "mod", "admin")
# A form's key, for views that are done once.
ONCE = "matrix-key-of-a-form"
SIGN_IN, UNAUTHORISED, DONE, OK, NOT_FOUND, INVALID = 303, 401, 303, 200, 404, 422


@dataclass(frozen=True)
class Access:
    endpoint: str
    method: str
    path: str
    answers: tuple[int, ...]
    data: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def everybody(endpoint: str, path: str, answer: int = OK, method: str = "GET", **data: str) -> Access:
    return Access(endpoint, method, path, (answer,) * len(ROLES), data)


def members(endpoint: str, path: str, answer: int = OK) -> Access:
    """Every member for himself; a visitor is asked to sign in."""
    return Access(endpoint, "GET", path, (SIGN_IN, *(answer,) * 5))


def members_post(endpoint: str, path: str, answer: int = DONE, **data: str) -> Access:
    return Access(endpoint, "POST", path, (UNAUTHORISED, *(answer,) * 5), data)


def owner_post(endpoint: str, path: str, answer: int = DONE, **data: str) -> Access:
    """Alice's own row: it does not exist for anybody else."""
    others = (UNAUTHORISED, NOT_FOUND, NOT_FOUND, answer, NOT_FOUND, NOT_FOUND)
    return Access(endpoint, "POST", path, others, data)


def both_sides(
    endpoint: str, method: str, path: str, answer: int = DONE, bob: int | None = None, **data: str
) -> Access:
    """Alice's chat with Bob: it does not exist for anybody else. `bob` is his answer where hers is another."""
    visitor = SIGN_IN if method == "GET" else UNAUTHORISED
    answers = (visitor, NOT_FOUND, answer if bob is None else bob, answer, NOT_FOUND, NOT_FOUND)
    return Access(endpoint, method, path, answers, data)


def author(endpoint: str, method: str, path: str, answer: int, **data: str) -> Access:
    """Alice's own post, which everybody sees and nobody else changes."""
    visitor = SIGN_IN if method == "GET" else UNAUTHORISED
    return Access(endpoint, method, path, (visitor, 403, 403, answer, 403, 403), data)


def of_hours(endpoint: str, step: str, bob: int, alice: int, others: int = 403, pair: str = "waiting") -> Access:
    """Help between Bob and Alice that was written down; coordinators see it, because they take back what is wrong."""
    path = f"/hours/{{hours_{pair}}}/people/{{hours_{pair}_pair}}/{step}"
    data = {"idempotency_key": ONCE, "version": "2" if pair == "paid" else "1"}
    return Access(endpoint, "POST", path, (UNAUTHORISED, NOT_FOUND, bob, alice, others, others), data)


def acting(endpoint: str, path: str) -> Access:
    """Pages of an organisation that Alice acts for: it does not exist for anybody else, coordinators included."""
    return Access(endpoint, "GET", path, (SIGN_IN, NOT_FOUND, NOT_FOUND, OK, NOT_FOUND, NOT_FOUND))


def moderators(endpoint: str, path: str, answer: int = OK) -> Access:
    """Coordinators' pages: members do not learn that they exist."""
    return Access(endpoint, "GET", path, (SIGN_IN, NOT_FOUND, NOT_FOUND, NOT_FOUND, answer, answer))


def moderators_post(endpoint: str, path: str, answer: int = DONE, **data: str) -> Access:
    return Access(endpoint, "POST", path, (UNAUTHORISED, NOT_FOUND, NOT_FOUND, NOT_FOUND, answer, answer), data)


def not_administrators(endpoint: str, path: str, answer: int, **data: str) -> Access:
    """What moderators do for members and may not do to an administrator."""
    return Access(endpoint, "POST", path, (UNAUTHORISED, NOT_FOUND, NOT_FOUND, NOT_FOUND, 403, answer), data)


def administrators(endpoint: str, path: str, answer: int = OK) -> Access:
    """Pages that moderators do not find either."""
    return Access(endpoint, "GET", path, (SIGN_IN, *(NOT_FOUND,) * 4, answer))


def administrators_post(endpoint: str, path: str, answer: int = DONE, **data: str) -> Access:
    return Access(endpoint, "POST", path, (UNAUTHORISED, *(NOT_FOUND,) * 4, answer), data)


def visitors_post(endpoint: str, path: str, answer: int) -> Access:
    return Access(endpoint, "POST", path, (answer, *(DONE,) * 5))


def visitors(endpoint: str, path: str) -> Access:
    """Pages of the gate: whoever is inside already is sent home."""
    return Access(endpoint, "GET", path, (OK, *(DONE,) * 5))


MATRIX = [
    everybody("health.alive", "/healthz"),
    everybody("health.ready", "/readyz"),
    everybody("health.figures", "/metrics"),
    everybody("dev.components", "/dev/components"),
    everybody("dev.mails", "/dev/mail"),
    everybody("dev.mail", "/dev/mail/999", NOT_FOUND),
    everybody("home.index", "/"),
    everybody("home.theme", "/theme", DONE, "POST", theme="dark"),
    everybody("home.language", "/language", DONE, "POST", language="es"),
    members("home.profile", "/members/{alice}"),
    members("home.picture", "/members/{alice}/picture/1", NOT_FOUND),
    members("home.export", "/settings/export"),
    members("accounts.live", "/live"),
    members("accounts.live_state", "/live/state"),
    visitors("accounts.sign_in", "/sign-in"),
    visitors_post("accounts.sign_in", "/sign-in", INVALID),
    visitors("accounts.sign_up", "/sign-up"),
    visitors_post("accounts.sign_up", "/sign-up", INVALID),
    everybody("accounts.sign_out", "/sign-out", DONE, "POST"),
    everybody("accounts.check_mail", "/check-mail", DONE),
    everybody("accounts.forgot_password", "/forgot-password"),
    everybody("accounts.forgot_password", "/forgot-password", INVALID, "POST"),
    everybody("accounts.reset_password", "/reset-password/none", 410),
    everybody("accounts.reset_password", "/reset-password/none", 410, "POST"),
    everybody("accounts.verify_email", "/verify-email/none", 410),
    everybody("accounts.verify_email", "/verify-email/none", 410, "POST"),
    everybody("accounts.email_change", "/email-change/none", 410),
    everybody("accounts.email_change", "/email-change/none", 410, "POST"),
    everybody("accounts.send_verification", "/verify-email"),
    Access("accounts.send_verification", "POST", "/verify-email", (INVALID, OK, OK, OK, OK, OK)),
    Access("accounts.block", "POST", "/members/{alice}/block", (UNAUTHORISED, DONE, DONE, 403, DONE, DONE)),
    members_post("accounts.unblock", "/members/{alice}/unblock"),
    moderators("admin.index", "/admin"),
    Access("accounts.join", "GET", "/join/none", (410, *(DONE,) * 5)),
    Access("accounts.join", "POST", "/join/none", (410, *(DONE,) * 5)),
    everybody("accounts.ask_for_invitation", "/invitation-request"),
    everybody("accounts.ask_for_invitation", "/invitation-request", INVALID, "POST"),
    everybody("accounts.terms", "/terms"),
    members_post("accounts.terms", "/terms", INVALID),
    members("accounts.waiting", "/waiting", DONE),
    members("home.arrival", "/welcome"),
    moderators("admin.invitations", "/admin/invitations"),
    moderators("admin.invite", "/admin/invitations/by-mail"),
    moderators_post("admin.invite", "/admin/invitations/by-mail", INVALID),
    moderators("admin.make_link", "/admin/invitations/link"),
    moderators_post("admin.make_link", "/admin/invitations/link", INVALID),
    moderators("admin.invitation", "/admin/invitations/{invitation}"),
    moderators("admin.invitation_code", "/admin/invitations/{invitation}/code.svg"),
    moderators_post("admin.revoke_invitation", "/admin/invitations/999/withdrawal", NOT_FOUND),
    moderators_post("admin.grant_wish", "/admin/invitation-requests/999/invitation", 409),
    moderators_post("admin.dismiss_wish", "/admin/invitation-requests/999/dismissal", 409),
    moderators("admin.approvals", "/admin/approvals"),
    moderators_post("admin.approve", "/admin/approvals/{carol}/approval", 409),
    moderators("admin.refuse", "/admin/approvals/{carol}/refusal", NOT_FOUND),
    moderators_post("admin.refuse", "/admin/approvals/{carol}/refusal", 409, reason="We are full."),
    everybody("accounts.claim", "/claim/none", 410),
    everybody("accounts.claim", "/claim/none", 410, "POST"),
    moderators("admin.members", "/admin/members"),
    moderators("admin.member", "/admin/members/{alice}"),
    moderators("admin.member", "/admin/members/{admin}"),
    moderators("admin.add_member", "/admin/members/new"),
    moderators_post("admin.add_member", "/admin/members/new", INVALID),
    moderators("admin.edit_member", "/admin/members/{alice}/record"),
    moderators_post("admin.edit_member", "/admin/members/{alice}/record", INVALID),
    not_administrators("admin.edit_member", "/admin/members/{admin}/record", INVALID),
    moderators_post("admin.pause_member", "/admin/members/{alice}/pause"),
    not_administrators("admin.pause_member", "/admin/members/{admin}/pause", DONE),
    moderators_post("admin.resume_member", "/admin/members/{alice}/resumption"),
    not_administrators("admin.resume_member", "/admin/members/{admin}/resumption", DONE),
    moderators_post("admin.approve_member", "/admin/members/{alice}/approval", 409),
    not_administrators("admin.approve_member", "/admin/members/{admin}/approval", 409),
    moderators("admin.disable_member", "/admin/members/{alice}/disabling"),
    moderators_post("admin.disable_member", "/admin/members/{alice}/disabling", INVALID),
    not_administrators("admin.disable_member", "/admin/members/{admin}/disabling", 403, reason="Gone."),
    moderators_post("admin.enable_member", "/admin/members/{alice}/enabling"),
    not_administrators("admin.enable_member", "/admin/members/{admin}/enabling", 403),
    moderators("admin.offer_sign_in", "/admin/members/{offline}/sign-in"),
    moderators("admin.offer_sign_in", "/admin/members/{alice}/sign-in", 403),
    moderators_post("admin.offer_sign_in", "/admin/members/{alice}/sign-in", 403, email="mona@example.net"),
    moderators_post("admin.withdraw_sign_in", "/admin/members/{offline}/sign-in/withdrawal", 409),
    moderators("admin.member_skills", "/admin/members/{offline}/skills"),
    moderators("admin.member_skills", "/admin/members/{alice}/skills", 403),
    moderators_post("admin.add_member_skill", "/admin/members/{offline}/skills", INVALID),
    moderators_post("admin.add_member_skill", "/admin/members/{alice}/skills", 403),
    moderators_post("admin.remove_member_skill", "/admin/members/{offline}/skills/removal"),
    moderators_post("admin.remove_member_skill", "/admin/members/{alice}/skills/removal", 403),
    moderators("admin.merge_member", "/admin/members/{alice}/merge"),
    Access(
        "admin.merge_members",
        "POST",
        "/admin/members/{alice}/merge",
        (UNAUTHORISED, NOT_FOUND, NOT_FOUND, NOT_FOUND, 403, DONE),
        {"other": "{bob}"},
    ),
    Access(
        "admin.merge_members",
        "POST",
        "/admin/members/{admin}/merge",
        (UNAUTHORISED, NOT_FOUND, NOT_FOUND, NOT_FOUND, 403, 403),
        {"other": "{bob}"},
    ),
    moderators_post("admin.take_apart", "/admin/members/{alice}/merges/999/parting", NOT_FOUND),
    not_administrators("admin.take_apart", "/admin/members/{admin}/merges/999/parting", 403),
    Access("admin.terms", "GET", "/admin/terms", (SIGN_IN, *(NOT_FOUND,) * 4, OK)),
    Access("admin.terms", "POST", "/admin/terms", (UNAUTHORISED, *(NOT_FOUND,) * 4, INVALID)),
    administrators("admin.settings", "/admin/settings"),
    administrators_post("admin.settings", "/admin/settings", INVALID),
    administrators_post("admin.logo", "/admin/settings/logo", INVALID),
    administrators_post("admin.remove_logo", "/admin/settings/logo/removal"),
    administrators("admin.import_members", "/admin/import"),
    administrators("admin.import_template", "/admin/import/template.csv"),
    administrators_post("admin.upload_import", "/admin/import", INVALID),
    administrators("admin.check_import", "/admin/import/files/{import_file}"),
    administrators_post("admin.take_import", "/admin/import/files/999/members"),
    administrators_post("admin.choose_import_numbers", "/admin/import/files/999/numbers", NOT_FOUND),
    administrators_post("admin.discard_import", "/admin/import/files/999/removal", NOT_FOUND),
    administrators_post("admin.undo_import", "/admin/import/999/undoing", NOT_FOUND),
    administrators("admin.invite_imported", "/admin/import/invitations"),
    administrators_post("admin.invite_imported", "/admin/import/invitations"),
    administrators("admin.features", "/admin/features"),
    administrators_post("admin.change_features", "/admin/features"),
    administrators_post("admin.preset", "/admin/preset", INVALID),
    administrators("admin.test_mail", "/admin/test-mail"),
    administrators_post("admin.test_mail", "/admin/test-mail", INVALID),
    administrators("admin.bring_members", "/admin/bring-members"),
    administrators_post("admin.end_welcome", "/admin/welcome/dismissal"),
    everybody("setup.wizard", "/setup/none", 410),
    everybody("setup.take_step", "/setup/none", 410, "POST", step="place", name="Nobody's"),
    everybody("home.logo", "/logo/1", NOT_FOUND),
    moderators("admin.skills", "/admin/skills"),
    moderators("admin.skill", "/admin/skills/{python}"),
    moderators_post("admin.accept_skill", "/admin/skills/{python}/acceptance", INVALID),
    moderators_post("admin.rename_skill", "/admin/skills/{python}/name", INVALID),
    moderators_post("admin.move_skill", "/admin/skills/{python}/category", INVALID),
    moderators_post("admin.add_alias", "/admin/skills/{python}/aliases", INVALID),
    moderators_post("admin.remove_alias", "/admin/skills/{python}/aliases/removal", INVALID),
    moderators_post("admin.decline_skill", "/admin/skills/{python}/decline", INVALID),
    moderators("admin.merge_skill", "/admin/skills/{python}/merge"),
    moderators_post("admin.merge_skill", "/admin/skills/{python}/merge", 409, version="9", into="1"),
    moderators("admin.print_directory", "/admin/print"),
    moderators("admin.reports", "/admin/reports"),
    moderators("admin.report", "/admin/reports/{report}"),
    moderators_post("admin.review_report", "/admin/reports/{report}/review", 409, version="9"),
    moderators_post("admin.resolve_report", "/admin/reports/{report}/resolution", INVALID),
    moderators_post("admin.dismiss_report", "/admin/reports/{report}/dismissal", INVALID),
    Access("reports.report", "GET", "/members/{alice}/report", (SIGN_IN, OK, OK, 403, OK, OK)),
    Access(
        "reports.report",
        "POST",
        "/members/{alice}/report",
        (UNAUTHORISED, DONE, DONE, 403, DONE, DONE),
        {"reason": "spam"},
    ),
    both_sides("reports.report_message", "GET", "/chats/{chat}/messages/{answer}/report", OK, bob=403),
    both_sides("reports.report_message", "POST", "/chats/{chat}/messages/{answer}/report", bob=403, reason="spam"),
    members("reports.mine", "/settings/privacy/reports"),
    members("chats.index", "/chats"),
    members("chats.count", "/chats/count"),
    Access("chats.start", "GET", "/chats/with/{alice}", (SIGN_IN, OK, OK, 403, OK, OK)),
    Access(
        "chats.start", "POST", "/chats/with/{alice}", (UNAUTHORISED, DONE, DONE, 403, DONE, DONE), {"body": "Hello"}
    ),
    both_sides("chats.show", "GET", "/chats/{chat}", OK),
    both_sides("chats.lines", "GET", "/chats/{chat}/lines", OK),
    both_sides("chats.send", "POST", "/chats/{chat}/messages", body="Hello"),
    both_sides("chats.edit", "GET", "/chats/{chat}/messages/{line}/edit", OK, bob=403),
    both_sides("chats.edit", "POST", "/chats/{chat}/messages/{line}/edit", bob=403, body="Hello"),
    both_sides("chats.delete", "POST", "/chats/{chat}/messages/{line}/delete", bob=403),
    both_sides("chats.file", "GET", "/chats/{chat}/files/{file}", OK),
    both_sides("chats.preview", "GET", "/chats/{chat}/files/{file}/preview", OK),
    both_sides("chats.read", "POST", "/chats/{chat}/read", 204, seq="1"),
    both_sides("chats.draft", "POST", "/chats/{chat}/draft", 204, body="Dear"),
    both_sides("chats.archive", "POST", "/chats/{chat}/archive"),
    both_sides("chats.unarchive", "POST", "/chats/{chat}/unarchive"),
    both_sides("chats.mute", "POST", "/chats/{chat}/mute", how_long="8h"),
    both_sides("chats.unmute", "POST", "/chats/{chat}/unmute"),
    both_sides("chats.receipts", "POST", "/chats/{chat}/receipts"),
    both_sides("chats.hide", "POST", "/chats/{chat}/hide"),
    members("wallet.index", "/wallet"),
    members("wallet.statement", "/wallet/statement"),
    members("wallet.statement", "/wallet/statement?currency=EUR", NOT_FOUND),
    members("wallet.statement_csv", "/wallet/statement.csv"),
    members("wallet.print_statement", "/wallet/statement/print"),
    members("wallet.give", "/wallet/give"),
    Access("wallet.give_to", "GET", "/wallet/give/{alice}", (SIGN_IN, OK, OK, INVALID, OK, OK)),
    members_post("wallet.plan", "/wallet/give", INVALID),
    members_post("wallet.gift", "/wallet/gifts", INVALID, idempotency_key="of-the-access-matrix"),
    members_post("wallet.gift", "/wallet/gifts", 400),
    both_sides("wallet.transfer", "GET", "/wallet/transfers/{transfer}", OK),
    moderators("wallet.offline_statement", "/wallet/members/{offline}/statement"),
    moderators("wallet.offline_statement_csv", "/wallet/members/{offline}/statement.csv"),
    moderators("wallet.print_offline_statement", "/wallet/members/{offline}/statement/print"),
    Access("wallet.offline_statement", "GET", "/wallet/members/{bob}/statement", (SIGN_IN, *(NOT_FOUND,) * 5)),
    acting("wallet.organisation", "/organisations/{organisation}"),
    acting("wallet.organisation_statement", "/organisations/{organisation}/statement"),
    acting("wallet.organisation_statement_csv", "/organisations/{organisation}/statement.csv"),
    acting("wallet.print_organisation_statement", "/organisations/{organisation}/statement/print"),
    administrators_post("admin.hour_rules", "/admin/settings/hours/rules", INVALID),
    moderators("admin.member_limit", "/admin/members/{alice}/limit"),
    moderators_post("admin.member_limit", "/admin/members/{alice}/limit", INVALID),
    not_administrators("admin.member_limit", "/admin/members/{admin}/limit", INVALID),
    moderators_post("admin.remove_member_limit", "/admin/members/{alice}/limit/removal"),
    not_administrators("admin.remove_member_limit", "/admin/members/{admin}/limit/removal", DONE),
    moderators("admin.organisations", "/admin/organisations"),
    moderators("admin.add_organisation", "/admin/organisations/new"),
    moderators_post("admin.add_organisation", "/admin/organisations/new", INVALID),
    moderators("admin.organisation", "/admin/organisations/{organisation}"),
    moderators_post("admin.change_organisation", "/admin/organisations/{organisation}", INVALID),
    moderators_post("admin.name_acting_member", "/admin/organisations/{organisation}/members", member="{bob}"),
    not_administrators("admin.name_acting_member", "/admin/organisations/{organisation}/members", DONE, member="{mod}"),
    moderators_post("admin.remove_acting_member", "/admin/organisations/{organisation}/members/removal"),
    moderators_post("admin.close_organisation", "/admin/organisations/{organisation}/closing"),
    moderators_post("admin.reopen_organisation", "/admin/organisations/{organisation}/reopening"),
    administrators("admin.ledger", "/admin/ledger"),
    administrators("admin.ledger_line", "/admin/ledger/{transfer}"),
    administrators_post(
        "admin.reverse_line",
        "/admin/ledger/{transfer}/reversal",
        INVALID,
        idempotency_key="of-the-access-matrix",
    ),
    members("notices.notices", "/notices"),
    members("notices.bell", "/notices/bell"),
    Access(
        "notices.open_notice",
        "GET",
        "/notices/{notice}",
        (SIGN_IN, NOT_FOUND, NOT_FOUND, DONE, NOT_FOUND, NOT_FOUND),
    ),
    owner_post("notices.mark_read", "/notices/{notice}/reading"),
    members_post("notices.mark_all_read", "/notices/reading", newest="1"),
    # It is for members who live where Carol does not.
    Access("notices.announcement", "GET", "/notices/announcements/{announcement}", (SIGN_IN, NOT_FOUND, *(OK,) * 4)),
    members("notices.announcement", "/notices/announcements/999", NOT_FOUND),
    members("notices.preferences", "/settings/notices"),
    members_post("notices.preferences", "/settings/notices", INVALID),
    everybody("notices.unsubscribe", "/unsubscribe/none", 410),
    everybody("notices.unsubscribe", "/unsubscribe/none", 410, "POST"),
    everybody("notices.unsubscribe", "/unsubscribe/{unsubscribe}"),
    everybody("notices.unsubscribe", "/unsubscribe/{unsubscribe}", OK, "POST"),
    moderators("admin.announcements", "/admin/announcements"),
    moderators("admin.write_announcement", "/admin/announcements/new"),
    moderators_post("admin.write_announcement", "/admin/announcements/new", INVALID),
    moderators("admin.announcement", "/admin/announcements/{announcement_draft}"),
    moderators("admin.reword_announcement", "/admin/announcements/{announcement_draft}/wording"),
    moderators_post("admin.reword_announcement", "/admin/announcements/{announcement_draft}/wording", INVALID),
    moderators_post("admin.send_announcement", "/admin/announcements/{announcement_draft}/sending", 409, version="9"),
    moderators_post(
        "admin.discard_announcement", "/admin/announcements/{announcement_draft}/removal", 409, version="9"
    ),
    administrators("admin.mail", "/admin/mail"),
    administrators_post("admin.try_mail_again", "/admin/mail/999/attempts"),
    administrators_post("admin.try_all_mail_again", "/admin/mail/attempts"),
    members("posts.index", "/posts"),
    members("posts.mine", "/posts/mine"),
    members("posts.print_posts", "/posts/print"),
    members("posts.write", "/posts/new"),
    members_post("posts.write", "/posts/new", INVALID),
    members("posts.show", "/posts/{post}"),
    members("posts.picture", "/posts/{post}/picture/1", NOT_FOUND),
    author("posts.edit", "GET", "/posts/{post}/edit", OK),
    author("posts.edit", "POST", "/posts/{post}/edit", INVALID),
    author("posts.fill", "POST", "/posts/{post}/fulfilment", DONE, version="1"),
    author("posts.close", "POST", "/posts/{post}/closure", DONE, version="1"),
    author("posts.reopen", "POST", "/posts/{post}/reopening", 409, version="1"),
    author("posts.ask", "POST", "/posts/{post}/asking/{bob}", DONE),
    Access("posts.answer", "POST", "/posts/{post}/answer", (UNAUTHORISED, DONE, DONE, 403, DONE, DONE)),
    Access("posts.report", "GET", "/posts/{post}/report", (SIGN_IN, OK, OK, 403, OK, OK)),
    Access(
        "posts.report", "POST", "/posts/{post}/report", (UNAUTHORISED, DONE, DONE, 403, DONE, DONE), {"reason": "spam"}
    ),
    members("exchanges.index", "/exchanges"),
    Access("exchanges.propose", "GET", "/exchanges/with/{bob}", (SIGN_IN, OK, NOT_FOUND, OK, OK, OK)),
    Access(
        "exchanges.propose",
        "POST",
        "/exchanges/with/{bob}",
        (UNAUTHORISED, INVALID, NOT_FOUND, INVALID, INVALID, INVALID),
    ),
    both_sides("exchanges.show", "GET", "/exchanges/{exchange}", OK),
    both_sides("exchanges.accept", "POST", "/exchanges/{exchange}/acceptance", DONE, version="1"),
    both_sides("exchanges.decline", "POST", "/exchanges/{exchange}/refusal", 409, version="1"),
    both_sides("exchanges.counter", "GET", "/exchanges/{asked}/counter", OK),
    both_sides("exchanges.counter", "POST", "/exchanges/{exchange}/counter", INVALID),
    both_sides("exchanges.cancel", "POST", "/exchanges/{exchange}/cancellation", INVALID),
    both_sides("exchanges.confirm", "POST", "/exchanges/{exchange}/confirmation", INVALID),
    both_sides("exchanges.deny", "POST", "/exchanges/{exchange}/denial"),
    both_sides("exchanges.plan", "GET", "/exchanges/{exchange}/sessions", OK),
    both_sides("exchanges.plan", "POST", "/exchanges/{exchange}/sessions", INVALID),
    both_sides("exchanges.change_session", "GET", "/exchanges/{exchange}/sessions/{meeting}", OK),
    both_sides("exchanges.change_session", "POST", "/exchanges/{exchange}/sessions/{meeting}", INVALID),
    both_sides("exchanges.call_session_off", "POST", "/exchanges/{exchange}/sessions/{meeting}/cancellation", INVALID),
    both_sides("exchanges.calendar", "GET", "/exchanges/{exchange}/sessions/{meeting}/meeting.ics", OK),
    administrators_post("admin.hour_sharing", "/admin/settings/hours", hour_sharing="shared"),
    members("hours.index", "/hours"),
    members("hours.record", "/hours/record"),
    members_post("hours.record", "/hours/record", INVALID),
    members_post("hours.post", "/hours", INVALID, idempotency_key=ONCE),
    Access("hours.show", "GET", "/hours/{hours_waiting}", (SIGN_IN, NOT_FOUND, OK, OK, OK, OK)),
    of_hours("hours.accept", "acceptance", 403, DONE),
    of_hours("hours.decline", "refusal", 403, INVALID),
    of_hours("hours.withdraw", "withdrawal", DONE, 409, 409),
    of_hours("hours.take_back", "reversal", INVALID, INVALID, INVALID, "paid"),
    members("directory.members", "/members"),
    members("directory.matches", "/matches"),
    members("directory.one_way_matches", "/matches/one-way"),
    members("skills.catalogue", "/skills"),
    members("skills.show", "/skills/python"),
    members("skills.suggestions", "/skills/suggestions?kind=offer&q=py"),
    members("skills.settings", "/settings/skills"),
    members_post("skills.add_entry", "/settings/skills/entries", kind="offer", q="guitar", level="3"),
    members_post("skills.add_picks", "/settings/skills/picks", INVALID, kind="offer"),
    members("settings.index", "/settings"),
    members("settings.account", "/settings/account"),
    members_post("settings.account", "/settings/account", INVALID),
    members("settings.closing", "/settings/account/closing"),
    members_post("settings.closing", "/settings/account/closing", INVALID),
    members("settings.email", "/settings/account/email"),
    members_post("settings.email", "/settings/account/email", INVALID),
    members_post("settings.cancel_email_change", "/settings/account/email/cancellation"),
    members("settings.password", "/settings/account/password"),
    members_post("settings.password", "/settings/account/password", INVALID),
    members("settings.availability", "/settings/availability"),
    members_post("settings.availability", "/settings/availability", INVALID),
    members("settings.picture", "/settings/picture", DONE),
    members_post("settings.picture", "/settings/picture", INVALID),
    members_post("settings.remove_picture", "/settings/picture/removal"),
    members("settings.privacy", "/settings/privacy"),
    members_post("settings.privacy", "/settings/privacy"),
    members_post("settings.in_print", "/settings/privacy/print"),
    members("settings.profile", "/settings/profile"),
    members_post("settings.profile", "/settings/profile", INVALID),
    members("settings.sessions", "/settings/sessions"),
    owner_post("settings.end_session", "/settings/sessions/{alice_session}/end"),
    members_post("settings.end_all_sessions", "/settings/sessions/all/end"),
    members_post("settings.end_other_sessions", "/settings/sessions/others/end"),
    Access(
        "skills.entry",
        "GET",
        "/settings/skills/entries/offer/{python}",
        (SIGN_IN, NOT_FOUND, NOT_FOUND, OK, NOT_FOUND, NOT_FOUND),
    ),
    owner_post("skills.entry", "/settings/skills/entries/offer/{python}", INVALID),
    owner_post("skills.pause", "/settings/skills/entries/offer/{python}/pause"),
    owner_post("skills.resume", "/settings/skills/entries/offer/{python}/resumption"),
    members_post("skills.remove", "/settings/skills/entries/offer/{python}/removal"),
]
