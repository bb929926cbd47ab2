"""Finding a skill by any of its spellings, and proposing one that is not there yet."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from confusable_homoglyphs.categories import alias as script
from flask_babel import gettext as _
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.signs import is_invisible, is_overloaded
from app.core.text import clean, fold, has_forbidden
from app.skills.models import PROPOSED, Skill, SkillAlias
from app.skills.operations.catalogue import lock_catalogue
from app.skills.spelling import LONGEST_KEY, LONGEST_NAME, free_slug, spellings

# Alphabets whose letters can be mistaken for each other; a word in two of them imitates another word.
LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK"}
TRIES = 5


def resolve(text: str) -> Skill | None:
    """The skill that `text` spells, whatever its case and blanks. Never a merged one: its spellings moved on."""
    return db.session.scalar(select(Skill).join(SkillAlias).where(SkillAlias.alias_key == fold(text)))


def propose(viewer_id: int, name: str) -> Skill:
    """The skill called `name`: a new, proposed one, or the one that has this spelling already.

    Raises DomainError (field "q") for a name that cannot be taken.
    """
    name = clean(name)
    if problem := name_problem(name):
        raise DomainError(problem, "q")
    for _attempt in range(TRIES):
        found = resolve(name) or _create(viewer_id, name)
        if found:
            return found
    raise Conflict(_("Somebody proposed the same just now. Please try again."), "q")


def propose_several(viewer_id: int, names: Sequence[str]) -> list[int]:
    """Proposes all that no skill is called yet, in a handful of statements; the ids of the new skills.

    The names have no `name_problem`. Raises Conflict when others propose the same at this moment, again and again.
    """
    lock_catalogue()
    for _attempt in range(TRIES):
        try:
            with db.session.begin_nested():
                return _create_several(viewer_id, names)
        except IntegrityError:
            continue
    raise Conflict(_("Somebody proposed the same just now. Please try again."), "q")


def name_problem(name: str) -> str:
    """What is wrong with `name`, already cleaned, as the name of a skill; "" when nothing is."""
    if not name:
        return _("Type the name of a skill.")
    if len(name) > LONGEST_NAME or len(fold(name)) > LONGEST_KEY:
        return _("At most %(max)d characters, please.", max=LONGEST_NAME)
    if has_forbidden(name) or any(is_invisible(sign) or unicodedata.category(sign).startswith("C") for sign in name):
        return _("There is an invisible character in it. Type it anew, without copying.")
    if is_overloaded(name):
        return _("There are too many accents on one letter.")
    if not any(sign.isalpha() for sign in name):
        return _("The name of a skill has at least one letter.")
    if any(len({script(sign) for sign in word} & LOOK_ALIKE) > 1 for word in name.split()):
        return _("It mixes alphabets, so some of its letters look like others. Write each word in one alphabet.")
    return ""


def _create_several(viewer_id: int, names: Sequence[str]) -> list[int]:
    wanted = {fold(clean(name)): clean(name) for name in names}
    keys = spellings(wanted.values())
    known = set(db.session.scalars(select(SkillAlias.alias_key).where(SkillAlias.alias_key.in_(keys))))
    slugs = set(db.session.scalars(select(Skill.slug)))
    rows: list[dict[str, Any]] = []
    for key, name in wanted.items():
        if key in known:
            continue
        slug = free_slug(name, slugs)
        slugs.add(slug)
        rows.append({"slug": slug, "name": name, "name_key": key, "state": PROPOSED, "proposed_by_id": viewer_id})
    if not rows:
        return []
    db.session.execute(insert(Skill), rows)
    added = select(Skill.slug, Skill.id).where(Skill.slug.in_([row["slug"] for row in rows]))
    ids = dict(db.session.execute(added).all())
    aliases = {
        alias_key: {"alias_key": alias_key, "alias": alias, "skill_id": ids[row["slug"]]}
        for row in rows
        for alias_key, alias in spellings([str(row["name"])]).items()
        if alias_key == row["name_key"] or alias_key not in known | set(wanted)
    }
    db.session.execute(insert(SkillAlias), list(aliases.values()))
    return list(ids.values())


def _create(viewer_id: int, name: str) -> Skill | None:
    """None when somebody else took the spelling or the address meanwhile: the winner's row is there to be read."""
    base = free_slug(name, ())
    taken = set(db.session.scalars(select(Skill.slug).where(Skill.slug.startswith(base, autoescape=True))))
    skill = Skill(slug=free_slug(name, taken), name=name, name_key=fold(name), state=PROPOSED, proposed_by_id=viewer_id)
    keys = spellings([name])
    others = set(db.session.scalars(select(SkillAlias.alias_key).where(SkillAlias.alias_key.in_(keys))))
    try:
        with db.session.begin_nested():
            db.session.add(skill)
            db.session.flush()
            db.session.add_all(
                SkillAlias(alias_key=key, alias=alias, skill_id=skill.id)
                for key, alias in keys.items()
                if key == fold(name) or key not in others
            )
    except IntegrityError:
        return None
    return skill
