"""The catalogue in the moderators' hands: proposals, and each skill's name, spellings, category and merging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.viewer import me
from app.admin.forms.skills import AcceptanceForm, AliasForm, CategoryForm, DeclineForm, MergeForm, NameForm
from app.admin.forms.version import VersionForm
from app.admin.routes.blueprint import blueprint
from app.core.access import LARGEST_ID
from app.core.db import AnyRow, db
from app.core.errors import DomainError
from app.core.paging import Key, page_of
from app.core.text import clean
from app.skills import moderation, operations, queries
from app.skills.models import MERGED, OFFER, PROPOSED, Skill
from app.skills.spelling import told_spellings

# What was done last and can be taken back with one click waits here.
UNDO = "skill_undo"
Forms = dict[str, VersionForm]


@blueprint.get("/skills")
def skills() -> ResponseReturnValue:
    text = clean(request.args.get("q", ""))
    if text:
        keys = [Key(Skill.name_key.expression), Key(Skill.id.expression)]
        statement = moderation.all_like(text)
    else:
        keys = [Key(Skill.created_at.expression), Key(Skill.id.expression)]
        statement = moderation.proposals()
    page = page_of(statement, keys, lambda chosen: db.session.execute(chosen).all())
    return render_template("admin/skills.html", page=page, q=text, address=url_for("admin.skills"))


@blueprint.get("/skills/<int:skill_id>")
def skill(skill_id: int) -> ResponseReturnValue:
    return show(skill_id)


@blueprint.post("/skills/<int:skill_id>/acceptance")
def accept_skill(skill_id: int) -> ResponseReturnValue:
    form = AcceptanceForm(prefix_ids="acceptance")
    return act(
        skill_id,
        {"acceptance": form},
        lambda: operations.list_proposed(me.id, skill_id, form.shown_version, form.category_id, form.name.data or ""),
        lambda: _("It is in the catalogue now, for everybody to choose."),
    )


@blueprint.post("/skills/<int:skill_id>/name")
def rename_skill(skill_id: int) -> ResponseReturnValue:
    form, old = NameForm(prefix_ids="name"), found(skill_id).Skill.name
    return act(
        skill_id,
        {"name": form},
        lambda: operations.rename(me.id, skill_id, form.shown_version, form.name.data or ""),
        lambda: _("It has its new name. “%(old)s” still finds it.", old=old),
        ("admin.rename_skill", {"name": old}),
    )


@blueprint.post("/skills/<int:skill_id>/category")
def move_skill(skill_id: int) -> ResponseReturnValue:
    form, old = CategoryForm(prefix_ids="category"), found(skill_id).Skill.category_id
    return act(
        skill_id,
        {"category": form},
        lambda: operations.recategorise(me.id, skill_id, form.shown_version, form.category_id),
        lambda: _("It stands in its new category."),
        ("admin.move_skill", {"category": str(old)}) if old else None,
    )


@blueprint.post("/skills/<int:skill_id>/aliases")
def add_alias(skill_id: int) -> ResponseReturnValue:
    form = AliasForm(prefix_ids="alias")
    return act(
        skill_id,
        {"alias": form},
        lambda: operations.add_alias(me.id, skill_id, form.shown_version, form.alias.data or ""),
        lambda: _("“%(alias)s” finds it too now.", alias=form.alias.data),
        ("admin.remove_alias", {"alias": form.alias.data or ""}),
    )


@blueprint.post("/skills/<int:skill_id>/aliases/removal")
def remove_alias(skill_id: int) -> ResponseReturnValue:
    form = AliasForm(prefix_ids="alias-removal")
    return act(
        skill_id,
        {"removal": form},
        lambda: operations.remove_alias(me.id, skill_id, form.shown_version, form.alias.data or ""),
        lambda: _("“%(alias)s” no longer finds it.", alias=form.alias.data),
        ("admin.add_alias", {"alias": form.alias.data or ""}),
    )


@blueprint.post("/skills/<int:skill_id>/decline")
def decline_skill(skill_id: int) -> ResponseReturnValue:
    form = DeclineForm(prefix_ids="decline")
    return act(
        skill_id,
        {"decline": form},
        lambda: operations.decline(me.id, skill_id, form.shown_version, form.words.data or ""),
        lambda: _("The proposal is declined; those who had it get a mail with your words."),
        back=url_for("admin.skills"),
    )


@blueprint.route("/skills/<int:skill_id>/merge", methods=["GET", "POST"])
def merge_skill(skill_id: int) -> ResponseReturnValue:
    if request.method == "GET":
        return merge_page(skill_id)
    form = MergeForm()
    into = number_in(form.into.data)
    return act(
        skill_id,
        {"merge": form},
        lambda: operations.merge_into(me.id, skill_id, form.shown_version, into),
        lambda: _("They are one skill now. Old addresses and spellings lead to it."),
        back=url_for("admin.skill", skill_id=into),
    )


def act(
    skill_id: int,
    forms: Forms,
    operation: Callable[[], Any],
    done: Callable[[], str],
    undo: tuple[str, dict[str, str]] | None = None,
    back: str = "",
) -> ResponseReturnValue:
    """One operation on a skill; refused, the page as it is now with what was typed. `undo` takes it back."""
    if not all(form.validate_on_submit() for form in forms.values()):
        return show(skill_id, forms, 422)
    try:
        operation()
    except DomainError as error:
        db.session.rollback()
        if error.field:
            next(iter(forms.values())).refuse(error)
            return show(skill_id, forms, error.status)
        return show(skill_id, forms, error.status, error)
    db.session.commit()
    if undo:
        session[UNDO] = {"skill": skill_id, "endpoint": undo[0], "fields": undo[1]}
    flash(done(), "success")
    return redirect(back or url_for("admin.skill", skill_id=skill_id), 303)


def show(
    skill_id: int, forms: Forms | None = None, status: int = 200, refused: DomainError | None = None
) -> ResponseReturnValue:
    row = db.session.execute(moderation.facts_of(skill_id)).one_or_none()
    if row is None and refused:
        raise refused
    if row is None:
        abort(404)
    spellings = told_spellings(db.session.scalars(queries.aliases_of(skill_id)), row.Skill.name)
    undo = session.pop(UNDO, None) if status == 200 else None
    drawn = render_template(
        "admin/skill.html",
        skill=row.Skill,
        facts=row,
        spellings=spellings,
        forms={**blank_forms(row.Skill), **(forms or {})},
        refused=refused.message if refused else "",
        undo=undo if undo and undo["skill"] == skill_id else None,
        state={"proposed": row.Skill.state == PROPOSED, "merged": row.Skill.state == MERGED},
    )
    return drawn, status


def blank_forms(row: Skill) -> Forms:
    """What can be done with the skill as it stands."""
    alias = AliasForm(None, prefix_ids="alias")
    if row.state == PROPOSED:
        acceptance = AcceptanceForm(None, prefix_ids="acceptance", name=row.name)
        return {"alias": alias, "acceptance": acceptance, "decline": DeclineForm(None, prefix_ids="decline")}
    category = CategoryForm(None, prefix_ids="category", category=str(row.category_id or ""))
    return {"alias": alias, "name": NameForm(None, prefix_ids="name", name=row.name), "category": category}


def merge_page(skill_id: int) -> ResponseReturnValue:
    """A search for the skill to merge into, and what would happen once one is chosen."""
    row = found(skill_id)
    text = clean(request.args.get("q", row.Skill.name))
    like = db.session.execute(queries.suggestions(me, text, OFFER)).all() if text else []
    target = db.session.execute(moderation.facts_of(number_in(request.args.get("into")))).one_or_none()
    if target and (target.Skill.id == skill_id or target.Skill.state == MERGED):
        target = None
    both = db.session.scalar(moderation.holders_of_both(skill_id, target.Skill.id)) if target else 0
    aliases = list(db.session.scalars(queries.aliases_of(skill_id)))
    return render_template(
        "admin/skill_merge.html",
        skill=row.Skill,
        facts=row,
        q=text,
        hits=[hit for hit in like if hit.id != skill_id],
        target=target,
        spellings=[row.Skill.name, *told_spellings(aliases, row.Skill.name)],
        moving=ngettext("%(num)d member moves.", "%(num)d members move.", row.members),
        both=ngettext(
            "%(num)d of them has both and keeps one entry, with the higher level.",
            "%(num)d of them have both and keep one entry, with the higher level.",
            both or 0,
        )
        if both
        else "",
    )


def found(skill_id: int) -> AnyRow:
    return db.session.execute(moderation.facts_of(skill_id)).one_or_none() or abort(404)


def number_in(text: str | None) -> int:
    """The id in `text`, 0 (which no skill has) when there is none."""
    number = int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 19 else 0
    return number if number <= LARGEST_ID else 0
