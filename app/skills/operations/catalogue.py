"""Importing the catalogue: adding what is not there yet, in a handful of statements, never renaming anything."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from flask_babel import gettext as _
from sqlalchemy import exists, insert, select, text, update

from app.core.db import db, dialect_name
from app.core.errors import DomainError
from app.core.text import clean, fold, has_forbidden, slugify
from app.skills.models import LISTED, PROPOSED, Skill, SkillAlias, SkillCategory
from app.skills.spelling import LONGEST_KEY, LONGEST_NAME, free_slug, spellings

SHIPPED = Path(__file__).resolve().parents[1] / "catalogue.csv"
HEADER = ["category", "name", "aliases"]
LONGEST_CATEGORY = 60
# Two imports or merges at once would answer each other's questions; the number is ours alone.
CATALOGUE_LOCK = 4_720_001


@dataclass(frozen=True)
class CatalogueRow:
    category: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass
class Imported:
    """What an import added. `kept` tells, one sentence each, where the catalogue stays as it is against the file."""

    categories: int = 0
    skills: int = 0
    aliases: int = 0
    listed: int = 0
    renamed: int = 0
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Known:
    """The catalogue as it stands: folded spelling → skill, and the skills that were only proposed so far."""

    alias_owner: dict[str, int]
    names: dict[int, str]
    proposed: set[int]
    slugs: set[str]


def ensure_catalogue() -> bool:
    """Imports the shipped catalogue when there is no skill yet; whether it did."""
    if db.session.scalar(select(exists(select(Skill.id)))):
        return False
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        import_catalogue(read_catalogue(file))
    return True


def read_catalogue(file: TextIO) -> list[CatalogueRow]:
    """The rows of a CSV file with the columns category, name and aliases (separated by "|").

    Raises DomainError with the line that cannot be imported.
    """
    reader = csv.reader(file, strict=True)
    try:
        if next(reader, None) != HEADER:
            raise DomainError(_("The first line has to be: %(header)s", header=",".join(HEADER)))
        return [_row(reader.line_num, columns) for columns in reader if columns]
    except (csv.Error, UnicodeDecodeError) as error:
        number = reader.line_num + 1
        raise DomainError(_("Line %(line)d cannot be read: %(error)s", line=number, error=error)) from error


def import_catalogue(rows: Iterable[CatalogueRow]) -> Imported:
    """Adds categories, skills and aliases that are not there yet, and lists proposed skills that are in `rows`.

    An existing skill keeps its name, its category and its aliases. A second import of the same rows changes nothing.
    """
    wanted = list(rows)
    lock_catalogue()
    done = Imported()
    categories = _ensure_categories(wanted, done)
    known = _known()
    _add_skills(wanted, categories, known, done)
    _list_proposed(wanted, categories, known, done)
    _add_aliases(wanted, known, done)
    db.session.expire_all()
    return done


def stays(spelling: str, name: str) -> str:
    """The sentence in `Imported.kept` about a name of the file that is a spelling of another skill."""
    return f"{spelling} stays a spelling of {name}."


def lock_catalogue() -> None:
    """One change of the catalogue at a time, until the transaction ends (SQLite has one writer anyway)."""
    if dialect_name() == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CATALOGUE_LOCK})


def _row(line: int, columns: list[str]) -> CatalogueRow:
    if len(columns) != len(HEADER):
        raise DomainError(
            _("Line %(line)d has %(found)d columns instead of %(all)d.", line=line, found=len(columns), all=len(HEADER))
        )
    category, name = clean(columns[0]), clean(columns[1])
    aliases = tuple(alias for alias in (clean(part) for part in columns[2].split("|")) if alias)
    if has_forbidden("".join(columns)):
        raise DomainError(_("Line %(line)d holds a control character.", line=line))
    if not category or len(category) > LONGEST_CATEGORY:
        raise DomainError(_("Line %(line)d: a category has 1 to %(max)d characters.", line=line, max=LONGEST_CATEGORY))
    if not name or any(len(part) > LONGEST_NAME or len(fold(part)) > LONGEST_KEY for part in (name, *aliases)):
        raise DomainError(
            _("Line %(line)d: names and aliases have 1 to %(max)d characters.", line=line, max=LONGEST_NAME)
        )
    return CatalogueRow(category, name, aliases)


def _ensure_categories(rows: list[CatalogueRow], done: Imported) -> dict[str, int]:
    """Slug → id of every category in `rows`; one that was translated is known by its new name too."""
    known = _category_ids()
    wanted = {slugify(row.category): row.category for row in reversed(rows)}
    new = [{"slug": slug, "name": name} for slug, name in wanted.items() if slug not in known]
    if new:
        db.session.execute(insert(SkillCategory), new)
        done.categories = len(new)
        known = _category_ids()
    return known


def _category_ids() -> dict[str, int]:
    rows = db.session.execute(select(SkillCategory.id, SkillCategory.slug, SkillCategory.name)).all()
    return {slugify(row.name): row.id for row in rows} | {row.slug: row.id for row in rows}


def _known() -> _Known:
    skills = db.session.execute(select(Skill.id, Skill.slug, Skill.name, Skill.state)).all()
    aliases = db.session.execute(select(SkillAlias.alias_key, SkillAlias.skill_id)).all()
    return _Known(
        alias_owner=dict(aliases),
        names={row.id: row.name for row in skills},
        proposed={row.id for row in skills if row.state == PROPOSED},
        slugs={row.slug for row in skills},
    )


def _add_skills(rows: list[CatalogueRow], categories: dict[str, int], known: _Known, done: Imported) -> None:
    new: dict[str, dict[str, object]] = {}
    for row in rows:
        key = fold(row.name)
        if key in known.alias_owner or key in new:
            continue
        slug = free_slug(row.name, known.slugs)
        known.slugs.add(slug)
        category_id = categories[slugify(row.category)]
        new[key] = {"slug": slug, "name": row.name, "name_key": key, "category_id": category_id, "state": LISTED}
    if not new:
        return
    db.session.execute(insert(Skill), list(new.values()))
    ids = dict(db.session.execute(select(Skill.slug, Skill.id)).all())
    added = [(key, str(skill["name"]), ids[str(skill["slug"])]) for key, skill in new.items()]
    _insert_aliases(added, known, done)
    known.names.update({skill_id: name for _key, name, skill_id in added})
    done.skills = len(new)


def _list_proposed(rows: list[CatalogueRow], categories: dict[str, int], known: _Known, done: Imported) -> None:
    for row in rows:
        skill_id = known.alias_owner[fold(row.name)]
        if skill_id in known.proposed:
            category_id = categories[slugify(row.category)]
            values = {"state": LISTED, "category_id": category_id, "version": Skill.version + 1}
            db.session.execute(update(Skill).where(Skill.id == skill_id).values(values))
            known.proposed.discard(skill_id)
            done.listed += 1


def _add_aliases(rows: list[CatalogueRow], known: _Known, done: Imported) -> None:
    """Names and spelled-out aliases of all rows come before forms without accents, so that these never take one."""
    for row in rows:
        owner = known.alias_owner[fold(row.name)]
        if fold(known.names[owner]) != fold(row.name):
            done.kept.append(stays(row.name, known.names[owner]))
    spelled = [(fold(alias), alias, row) for row in rows for alias in row.aliases]
    plain = [(key, alias, row) for row in rows for key, alias in spellings([row.name, *row.aliases]).items()]
    new: dict[str, tuple[str, str, int]] = {}
    for key, alias, row in [*spelled, *plain]:
        owner = known.alias_owner[fold(row.name)]
        holder = known.alias_owner.get(key, new[key][2] if key in new else None)
        if holder is None:
            new[key] = (key, alias, owner)
        elif holder != owner and key in {fold(spelling) for spelling in row.aliases}:
            done.kept.append(f"{alias} stays a spelling of {known.names[holder]}, not of {known.names[owner]}.")
    done.kept = list(dict.fromkeys(done.kept))
    _insert_aliases(list(new.values()), known, done)


def _insert_aliases(rows: list[tuple[str, str, int]], known: _Known, done: Imported) -> None:
    """Key, spelling and skill of each."""
    for batch in _batches(rows):
        values = [{"alias_key": key, "alias": alias, "skill_id": skill_id} for key, alias, skill_id in batch]
        db.session.execute(insert(SkillAlias), values)
    known.alias_owner.update({key: skill_id for key, _alias, skill_id in rows})
    done.aliases += len(rows)


def _batches(rows: list[tuple[str, str, int]], size: int = 1000) -> Iterator[list[tuple[str, str, int]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
