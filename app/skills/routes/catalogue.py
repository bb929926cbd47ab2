"""The catalogue for everybody to browse, a page for each skill, and suggestions while somebody types."""

from __future__ import annotations

from itertools import groupby

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.models import User
from app.accounts.viewer import me, picture_url
from app.core.access import APPROVAL, within_reach
from app.core.db import db
from app.core.paging import Key, page_of
from app.core.text import clean
from app.skills import queries
from app.skills.levels import LEVELS, PRIORITIES
from app.skills.models import KINDS, OFFER, WANT, UserSkill
from app.skills.operations import name_problem
from app.skills.routes.blueprint import blueprint
from app.skills.spelling import told_spellings

# As long as a suggestion can usefully be; the list below the field stays on a phone's screen.
SHORT_LIST = 8


@blueprint.get("/skills")
def catalogue() -> ResponseReturnValue:
    text = clean(request.args.get("q", ""))
    rows = db.session.execute(queries.catalogue(me, text)).all()
    categories = [(key, list(group)) for key, group in groupby(rows, key=lambda row: (row.category_slug, row.category))]
    proposable = bool(text) and not name_problem(text)
    return render_template("skills/catalogue.html", categories=categories, q=text, proposable=proposable)


@blueprint.get("/skills/suggestions")
@within_reach(APPROVAL)
def suggestions() -> ResponseReturnValue:
    """A fragment: the options of the list below the field."""
    text = clean(request.args.get("q", ""))
    kind = asked_kind()
    if not text:
        return ""
    found = db.session.execute(queries.suggestions(me, text, kind, SHORT_LIST)).all()
    new = not any(row.rank == queries.EXACT for row in found) and not name_problem(text)
    return render_template("skills/_suggestions.html", found=found, q=text, kind=kind, new=new)


@blueprint.get("/skills/<slug>")
def show(slug: str) -> ResponseReturnValue:
    skill = db.session.execute(queries.skill_page(me, slug)).one_or_none()
    if skill is None:
        abort(404)
    if skill.became:
        return redirect(url_for("skills.show", slug=skill.became), 301)
    kind = asked_kind()
    aliases = told_spellings(db.session.scalars(queries.aliases_of(skill.id)), skill.name)
    strongest = UserSkill.level if kind == OFFER else UserSkill.priority
    keys = [Key(strongest.expression, descending=True), Key(User.name_key.expression), Key(User.id.expression)]
    page = page_of(
        queries.members_with(me, skill.id, kind), keys, lambda statement: db.session.execute(statement).all()
    )
    return render_template(
        "skills/show.html",
        skill=skill,
        aliases=aliases,
        kind=kind,
        page=page,
        pictures={row.id: picture_url(row.id, row.picture_id) for row in page.items},
        members_url=url_for("directory.members"),
        levels=LEVELS,
        priorities=PRIORITIES,
        WANT=WANT,
    )


def asked_kind() -> str:
    kind = request.args.get("kind", OFFER)
    return kind if kind in KINDS else OFFER
