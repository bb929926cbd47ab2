"""Rules about addresses and who may ask."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.core.access import is_public, local_path

OPEN_TO_ALL = {
    "accounts.forgot_password",
    "accounts.reset_password",
    "accounts.sign_in",
    "accounts.sign_up",
    "accounts.verify_email",
    "dev.components",
    "health.alive",
    "health.figures",
    "health.ready",
    "home.index",
    "home.theme",
}


def test_addresses_are_lower_case_with_hyphens(shared_app: Flask) -> None:
    for rule in shared_app.url_map.iter_rules():
        fixed = re.sub(r"<[^>]+>", "x", rule.rule)
        assert re.fullmatch(r"[a-z0-9/.-]+", fixed), f"{rule.rule}: use lower case and hyphens"


def test_only_integers_and_known_texts_stand_in_addresses(shared_app: Flask) -> None:
    for rule in shared_app.url_map.iter_rules():
        for converter in re.findall(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", rule.rule):
            assert converter in {"", "int", "any"}, f"{rule.rule}: ids are int (capped), everything else plain text"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "\\\\evil", "/\t/evil.example",
     "/%0d%0aSet-Cookie:x=1\r\n", "", "evil", "/\x00", "///evil.example", "/ /evil.example", " /members"],
)  # fmt: skip
def test_next_never_leads_away(app: Flask, target: str) -> None:
    assert local_path(target) == ""


@pytest.mark.parametrize("target", ["/", "/members", "/members?q=a%20b&after=xyz", "/members/1#skills"])
def test_next_keeps_local_addresses(app: Flask, target: str) -> None:
    assert local_path(target) == target


def test_private_is_the_default(shared_app: Flask) -> None:
    with shared_app.app_context():
        opened = {rule.endpoint for rule in shared_app.url_map.iter_rules() if is_public(rule.endpoint)}
    assert opened >= OPEN_TO_ALL
