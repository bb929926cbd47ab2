"""One's own list: what one offers and wants."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.viewer import me
from app.core.access import local_path
from app.core.clock import now
from app.core.db import AnyRow, db
from app.core.errors import DomainError
from app.core.text import clean
from app.skills import operations, queries
from app.skills.forms import PROPOSAL, AddForm, EntryForm, KindForm, PicksForm, last_day, skill_id
from app.skills.levels import LEVELS, PRIORITIES, USUAL_LEVEL
from app.skills.models import KINDS, OFFER, WANT, Skill
from app.skills.routes.blueprint import blueprint

ENTRY = "/settings/skills/entries/<any(offer, want):kind>/<int:chosen_id>"
CHIPS = 12
# What was removed last waits here, so that one click brings it back.
REMOVED = "removed_skill"


@dataclass(frozen=True)
class Search:
    """What the picker of one kind found for `q`; `chosen` is the value of the radio button that is ticked."""

    q: str
    found: list[AnyRow]
    proposable: bool
    chosen: str


@dataclass(frozen=True)
class Section:
    """One kind on the page. `starters` are offered while the list is empty; `search` is None before a search."""

    kind: str
    entries: list[AnyRow]
    starters: list[AnyRow]
    search: Search | None
    form: AddForm
    picks: PicksForm
    focus: bool


@blueprint.get("/settings/skills")
def settings() -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    text = clean(request.args.get("q", ""))
    search_kind = kind if kind in KINDS else OFFER
    forms: dict[str, KindForm] = {}
    if text:
        level = str(USUAL_LEVEL[search_kind])
        forms[search_kind] = AddForm(None, prefix_ids=search_kind, kind=search_kind, q=text, level=level)
    return page(forms, focus=kind if kind in KINDS and not text else "")


@blueprint.post("/settings/skills/entries")
def add_entry() -> ResponseReturnValue:
    kind = posted_kind()
    form = AddForm(prefix_ids=kind)
    if form.validate_on_submit():
        try:
            skill = chosen_skill(form)
            added = operations.add(me.id, kind, skill.id, form.details(form.paused.data))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            name = skill.name
            db.session.commit()
            say_added(kind, name, added)
            back = local_path(request.args.get("next"))
            return redirect(back, 303) if back else to_section(kind)
    return page({kind: form}, refused=True)


@blueprint.post("/settings/skills/picks")
def add_picks() -> ResponseReturnValue:
    kind = posted_kind()
    form = PicksForm(prefix_ids=f"{kind}-picks")
    if form.validate_on_submit():
        try:
            ids = [skill_id(value) for value in form.skill.data or []]
            count = operations.add_several(me.id, kind, ids)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(
                ngettext("%(num)d skill added. Set your level with “Edit”.",
                         "%(num)d skills added. Set your levels with “Edit”.", count),
                "success",
            )  # fmt: skip
            return to_section(kind)
    return page({kind: form}, refused=True)


@blueprint.route(ENTRY, methods=["GET", "POST"])
def entry(kind: str, chosen_id: int) -> ResponseReturnValue:
    row = db.session.execute(queries.entry_of(me.id, kind, chosen_id)).one_or_none()
    if row is None:
        abort(404)
    form = EntryForm(level=str(row.level), priority=str(row.priority), note=row.note, until=last_day(row.expires_at))
    form.ask_for(kind)
    if form.validate_on_submit():
        if not operations.change(me.id, kind, chosen_id, form.details()):
            abort(404)
        db.session.commit()
        flash(_("%(skill)s is saved.", skill=row.name), "success")
        return to_section(kind)
    return render_template("skills/entry.html", form=form, entry=row, kind=kind), 422 if form.errors else 200


@blueprint.post(f"{ENTRY}/removal")
def remove(kind: str, chosen_id: int) -> ResponseReturnValue:
    """A second click finds nothing to remove, and that is no error: the entry is gone, as was wished."""
    name = name_of(chosen_id)
    held = operations.remove(me.id, kind, chosen_id)
    db.session.commit()
    if held:
        session[REMOVED] = {"kind": kind, "skill": chosen_id, "q": name, **restorable(held)}
    return to_section(kind)


@blueprint.post(f"{ENTRY}/pause")
def pause(kind: str, chosen_id: int) -> ResponseReturnValue:
    name = name_of(chosen_id)
    if not operations.pause(me.id, kind, chosen_id):
        abort(404)
    db.session.commit()
    flash(_("%(skill)s is paused: nobody sees it until you resume it.", skill=name), "success")
    return to_section(kind)


@blueprint.post(f"{ENTRY}/resumption")
def resume(kind: str, chosen_id: int) -> ResponseReturnValue:
    name = name_of(chosen_id)
    if not operations.resume(me.id, kind, chosen_id):
        abort(404)
    db.session.commit()
    flash(_("%(skill)s is back.", skill=name), "success")
    return to_section(kind)


def page(forms: dict[str, KindForm], *, focus: str = "", refused: bool = False) -> ResponseReturnValue:
    """The list with the given forms in place, one for each kind at most."""
    rows = db.session.execute(queries.entries_of(me.id)).all()
    used = {row.kind for row in rows}
    starters = list(db.session.execute(queries.starters(CHIPS))) if used != set(KINDS) else []
    sections = [
        section(kind, [r for r in rows if r.kind == kind], [] if kind in used else starters, forms.get(kind), focus)
        for kind in KINDS
    ]
    drawn = render_template(
        "settings/skills.html",
        sections=sections,
        welcome=welcoming(),
        removed=None if refused else session.pop(REMOVED, None),
        priorities=PRIORITIES,
        levels=LEVELS,
        at_most=operations.AT_MOST,
        now=now(),
        WANT=WANT,
    )
    return drawn, 422 if refused else 200


def section(kind: str, rows: list[AnyRow], starters: list[AnyRow], form: KindForm | None, focus: str) -> Section:
    picks = form if isinstance(form, PicksForm) else PicksForm(None, prefix_ids=f"{kind}-picks")
    if not isinstance(form, AddForm):
        empty = AddForm(None, prefix_ids=kind)
        return Section(kind, rows, starters, None, empty, picks, focus == kind)
    form.ask_for(kind)
    return Section(kind, rows, starters, search(kind, form), form, picks, False)


def search(kind: str, form: AddForm) -> Search:
    text = form.q.data or ""
    found = list(db.session.execute(queries.suggestions(me, text, kind))) if text else []
    exact = any(row.rank == queries.EXACT for row in found)
    proposable = not exact and not operations.name_problem(text)
    values = [str(row.id) for row in found if not row.held] + [PROPOSAL] * proposable
    chosen = form.skill.data if form.skill.data in values else next(iter(values), "")
    return Search(text, found, proposable, chosen)


def chosen_skill(form: AddForm) -> Skill:
    """The skill of the radio button, or the one that was typed. Raises DomainError."""
    if form.skill.data and form.skill.data != PROPOSAL:
        return operations.require_choosable(skill_id(form.skill.data))
    return operations.propose(me.id, form.q.data or "")


def posted_kind() -> str:
    """The kind that a form names; the form itself refuses a wrong one, which is then shown among the offers."""
    kind = request.form.get("kind", "")
    return kind if kind in KINDS else OFFER


def name_of(chosen_id: int) -> str:
    skill = db.session.get(Skill, chosen_id)
    return skill.name if skill else ""


def restorable(held: operations.Details) -> dict[str, str]:
    """The fields of AddForm that bring back what was held; what had run out comes back paused."""
    ended = held.until is not None and held.until <= now()
    until = None if ended else last_day(held.until)
    return {
        "level": str(held.level),
        "priority": str(held.priority),
        "note": held.note,
        "until": until.isoformat() if until else "",
        "paused": "1" if held.paused or ended else "",
    }


def say_added(kind: str, name: str, added: bool) -> None:
    if not added:
        flash(_("%(skill)s is on your list already.", skill=name))
    elif kind == OFFER:
        flash(_("%(skill)s is among what you offer.", skill=name), "success")
    else:
        flash(_("%(skill)s is among what you want to learn.", skill=name), "success")


def to_section(kind: str) -> ResponseReturnValue:
    """Back to the list; whoever takes the first steps stays on them."""
    return redirect(url_for("skills.settings", welcome=1 if welcoming() else None, _anchor=kind), 303)


def welcoming() -> bool:
    return request.args.get("welcome") == "1"
