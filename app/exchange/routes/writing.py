"""Writing a post and changing one's own."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice

from app.accounts.threads import aside
from app.accounts.viewer import me
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError
from app.core.forms import shown_number
from app.core.images import fitted
from app.exchange import policy
from app.exchange.forms.posts import PostForm, choose_duration
from app.exchange.models.posts import KINDS, REQUEST
from app.exchange.naming import all_names, near_names, skill_named
from app.exchange.operations import posts as operations
from app.exchange.queries import posts as queries
from app.exchange.routes.blueprints import post_or_404
from app.exchange.routes.blueprints import posts_blueprint as blueprint
from app.skills.models import SkillCategory

WIDTH, HEIGHT = 1120, 840
SKILL_FIELDS = ("skill", "skill_2", "skill_3")


@blueprint.route("/new", methods=["GET", "POST"])
def write() -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    form = _prepared(PostForm(data={"kind": kind if kind in KINDS else REQUEST, "place": me.location}))
    if not form.is_submitted():
        return _page(form)
    try:
        form.validate()
        skill_ids, picture = _skills(form), _picture(form)
        if form.errors:
            return _page(form)
        post = operations.publish(me.id, form.details(skill_ids), picture)
        post_id = post.id
        db.session.commit()
    except DomainError as error:
        return _refused(form, error)
    flash(_("Your post is up. Everybody in the community can see it."), "success")
    return redirect(url_for("posts.show", post_id=post_id), 303)


@blueprint.route("/<int:post_id>/edit", methods=["GET", "POST"])
def edit(post_id: int) -> ResponseReturnValue:
    with intending("read"):
        post = post_or_404(post_id)
        if not policy.is_author(me, post):
            abort(403)
        form = _prepared(PostForm(data=_stored(post)), post.minutes)
    if not form.is_submitted():
        if not policy.can_edit(me, post):
            abort(403)
        return _page(form, post)
    try:
        form.validate()
        skill_ids, picture = _skills(form), _picture(form)
        if form.errors:
            return _page(form, post)
        drop = bool(form.drop_picture.data)
        version = shown_number(form.version)
        operations.rewrite(me.id, post_id, version, form.details(skill_ids), picture, drop_picture=drop)
        db.session.commit()
    except DomainError as error:
        return _refused(form, error, post)
    flash(_("Your post is saved."), "success")
    return redirect(url_for("posts.show", post_id=post_id), 303)


def _prepared(form: PostForm, minutes: int | None = None) -> PostForm:
    """With what can be chosen; read before a write begins."""
    with intending("read"):
        rows = db.session.execute(select(SkillCategory.id, SkillCategory.name).order_by(SkillCategory.name)).all()
    end_reading()
    form.category.choices = [SelectChoice("", _("As the skill says")), *(SelectChoice(str(r.id), r.name) for r in rows)]
    choose_duration(form.minutes, minutes, _("I cannot say"))
    return form


def _skills(form: PostForm) -> list[int]:
    """The ids of the skills that were named; one that nobody knows gets its error at its field."""
    found: list[int] = []
    with intending("read"):
        for name, text in form.skill_names.items():
            skill_id = skill_named(me, text)
            if skill_id is None:
                _refuse_skill(form, name, text)
            else:
                found.append(skill_id)
    end_reading()
    return list(dict.fromkeys(found))


def _refuse_skill(form: PostForm, name: str, text: str) -> None:
    near = near_names(me, text)
    if near:
        message = _("We do not know “%(text)s”. Do you mean %(names)s?", text=text, names=_(" or ").join(near))
    else:
        message = _("We do not know “%(text)s”. Choose another word, or say it in the text.", text=text)
    form.refuse(DomainError(message, name))


def _picture(form: PostForm) -> bytes:
    """Worked on before a transaction begins."""
    upload = form.picture.data
    data = upload.read() if upload and getattr(upload, "filename", "") else b""
    return aside(fitted, data, WIDTH, HEIGHT, "picture") if data else b""


def _stored(post: Any) -> dict[str, Any]:
    names = [row.name for row in db.session.execute(queries.skills_of([post.id]))]
    category = select(SkillCategory.id).where(SkillCategory.slug == post.category_slug)
    category_id = db.session.scalar(category) if post.category_slug else None
    return {
        "version": str(post.version),
        "kind": post.kind,
        "title": post.title,
        "text": post.text,
        "category": str(category_id or ""),
        "place": post.place,
        "starts_on": post.starts_on,
        "ends_on": post.ends_on if post.ends_on != post.starts_on else None,
        "minutes": str(post.minutes or ""),
        **dict(zip(SKILL_FIELDS, names, strict=False)),
    }


def _refused(form: PostForm, error: DomainError, post: Any = None) -> ResponseReturnValue:
    db.session.rollback()
    form.refuse(DomainError(error.message, "skill" if error.field == "skills" else error.field))
    response = make_response(_page(form, post))
    response.status_code = error.status
    if retry_after := getattr(error, "retry_after", 0):
        response.headers["Retry-After"] = str(retry_after)
    return response


def _page(form: PostForm, post: Any = None) -> ResponseReturnValue:
    with intending("read"):
        names = list(db.session.scalars(all_names()))
    end_reading()
    return render_template("posts/form.html", form=form, post=post, names=names), 422 if form.errors else 200
