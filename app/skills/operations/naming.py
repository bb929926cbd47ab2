"""The shipped catalogue in the language of a community: its names change, the English ones stay as spellings.

What coordinators named themselves keeps its name.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select, update

from app.core.db import db
from app.core.i18n import DEFAULT_LOCALE, LOCALES
from app.core.text import fold, slugify
from app.skills.models import MERGED, Skill, SkillAlias, SkillCategory
from app.skills.operations.catalogue import SHIPPED, CatalogueRow, Imported, import_catalogue, read_catalogue, stays


@dataclass(frozen=True)
class Told:
    """A row of the shipped catalogue in one language; `original` is its English name."""

    category: str
    name: str
    aliases: tuple[str, ...]
    original: str


def speak(language: str) -> Imported:
    """Adds what is missing of the shipped catalogue and names it in `language`; a second time changes nothing."""
    english, told = shipped(DEFAULT_LOCALE), shipped(language)
    rows = [CatalogueRow(row.category, row.name, row.aliases) for row in english]
    if language != DEFAULT_LOCALE:
        categories = {row.original: row.category for row in english}
        rows += [CatalogueRow(categories[row.original], row.original, (row.name, *row.aliases)) for row in told]
    done = import_catalogue(rows)
    translated = {stays(original, name) for original, names in _names_by_original().items() for name in names}
    done.kept = [sentence for sentence in done.kept if sentence not in translated]
    done.renamed = _name_skills(told) + _name_categories(told)
    db.session.expire_all()
    return done


@cache
def shipped(language: str) -> tuple[Told, ...]:
    """The shipped catalogue as `language` names it, in the order of the English one."""
    if language == DEFAULT_LOCALE:
        with SHIPPED.open(encoding="utf-8", newline="") as file:
            return tuple(Told(row.category, row.name, row.aliases, row.name) for row in read_catalogue(file))
    with SHIPPED.with_suffix(f".{language}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Told(row["category"], row["name"], tuple(filter(None, row["aliases"].split("|"))), row["original"])
            for row in csv.DictReader(file)
        )


def _name_skills(told: tuple[Told, ...]) -> int:
    """Only a skill that has one of its shipped names is named anew, and only if no other skill has that name."""
    owners = dict(db.session.execute(select(SkillAlias.alias_key, SkillAlias.skill_id)).all())
    rows = db.session.execute(select(Skill.id, Skill.name, Skill.version).where(Skill.state != MERGED))
    skills = {row.id: row for row in rows}
    ours = _names_by_original()
    changed: dict[int, dict[str, object]] = {}
    for row in told:
        skill = skills.get(owners[fold(row.original)])
        mine = skill is not None and owners[fold(row.name)] == skill.id
        if skill is not None and mine and skill.name != row.name and skill.name in ours[row.original]:
            key = fold(row.name)
            changed[skill.id] = {"id": skill.id, "name": row.name, "name_key": key, "version": skill.version + 1}
    if changed:
        db.session.execute(update(Skill), list(changed.values()))
        spelled = [{"alias_key": values["name_key"], "alias": values["name"]} for values in changed.values()]
        db.session.execute(update(SkillAlias), spelled)
    return len(changed)


def _name_categories(told: tuple[Told, ...]) -> int:
    english = {row.original: row.category for row in shipped(DEFAULT_LOCALE)}
    wanted = {slugify(english[row.original]): row.category for row in told}
    ours: dict[str, set[str]] = {}
    for language in LOCALES:
        for row in shipped(language):
            ours.setdefault(slugify(english[row.original]), set()).add(row.category)
    rows = db.session.execute(select(SkillCategory.id, SkillCategory.slug, SkillCategory.name)).all()
    changed = [
        {"id": row.id, "name": wanted[row.slug]}
        for row in rows
        if row.name in ours.get(row.slug, ()) and row.name != wanted[row.slug]
    ]
    if changed:
        db.session.execute(update(SkillCategory), changed)
    return len(changed)


def _names_by_original() -> dict[str, set[str]]:
    """English name → what the shipped files of all languages call the same skill."""
    names: dict[str, set[str]] = {}
    for language in LOCALES:
        for row in shipped(language):
            names.setdefault(row.original, set()).add(row.name)
    return names
