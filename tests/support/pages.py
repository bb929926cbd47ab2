"""Every page that a person can open, for the accessibility tests and the screenshots.

A place is (name, path, who): who is a name of the world, or "" for somebody who is not signed in. `{alice}` and the
like stand for members' ids. A test holds this list against the address map, so no page is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    PageToSee("forgot-password", "/forgot-password", "", "accounts.forgot_password"),
    PageToSee("reset-password-used", "/reset-password/used", "", "accounts.reset_password"),
    PageToSee("verify-email-used", "/verify-email/used", "", "accounts.verify_email"),
    PageToSee("dashboard", "/", "alice", "home.index"),
    PageToSee("members", "/members", "alice", "directory.members"),
    PageToSee("members-filtered", "/members?q=python", "alice", "directory.members"),
    PageToSee("members-none", "/members?q=nobodyofthisname", "alice", "directory.members"),
    PageToSee("profile", "/members/{bob}", "alice", "home.profile"),
    PageToSee("profile-own", "/members/{alice}", "alice", "home.profile"),
    PageToSee("matches", "/matches", "alice", "directory.matches"),
    PageToSee("matches-none", "/matches", "carol", "directory.matches"),
    PageToSee("matches-one-way", "/matches/one-way", "alice", "directory.one_way_matches"),
    PageToSee("skills", "/skills", "alice", "skills.catalogue"),
    PageToSee("skill", "/skills/python", "alice", "skills.show"),
    PageToSee("settings", "/settings", "alice", "settings.index"),
    PageToSee("settings-profile", "/settings/profile", "alice", "settings.profile"),
    PageToSee("settings-skills", "/settings/skills", "alice", "skills.settings"),
    PageToSee("settings-skills-search", "/settings/skills?kind=offer&q=gui", "alice", "skills.settings"),
    PageToSee("settings-skills-first", "/settings/skills?welcome=1", "mod", "skills.settings"),
    PageToSee("settings-availability", "/settings/availability", "alice", "settings.availability"),
    PageToSee("settings-account", "/settings/account", "alice", "settings.account"),
    PageToSee("settings-sessions", "/settings/sessions", "alice", "settings.sessions"),
    PageToSee("settings-privacy", "/settings/privacy", "alice", "settings.privacy"),
    PageToSee("components", "/dev/components", "", "dev.components"),
    PageToSee("not-found", "/there-is-nothing-here", "alice", ""),
    PageToSee("not-found-signed-out", "/sign-in/nothing", "", ""),
]
WIDTHS = {"phone": 390, "desktop": 1280}
THEMES = ("light", "dark")
HEIGHT = 844
