"""Proposing an exchange to a member, and proposing it differently."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me, picture_url
from app.community.presets import HOURS
from app.core.access import LARGEST_ID
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError
from app.core.forms import shown_number
from app.core.switches import is_on
from app.exchange import policy
from app.exchange.forms.exchanges import USUAL_MINUTES, ProposalForm, zone
from app.exchange.models import Exchange
from app.exchange.models.exchanges import GIFT, LONGEST_ABOUT, SWAP, TIME_CREDIT
from app.exchange.models.posts import REQUEST
from app.exchange.naming import all_names, skill_named
from app.exchange.operations import proposing
from app.exchange.queries import exchanges as queries
from app.exchange.queries import posts as post_queries
from app.exchange.routes.blueprints import exchange_or_404, side_of
from app.exchange.routes.blueprints import exchanges_blueprint as blueprint
from app.exchange.terms import Leg, Terms
from app.skills.models import OFFER


@blueprint.route("/with/<int:member_id>", methods=["GET", "POST"])
def propose(member_id: int) -> ResponseReturnValue:
    with intending("read"):
        member = db.session.scalar(queries.partner_for(me, member_id)) or abort(404)
        shown = {"name": member.name, "id": member.id, "picture": picture_url(member.id, member.picture_id)}
        post = _post(member_id)
        form = _prepared(ProposalForm(data=_suggested(member_id, post)), post.minutes if post else None)
        end_reading()
    if not form.is_submitted():
        return _page(form, shown)
    if not form.validate():
        return _page(form, shown)
    terms = _terms(form, member_id, post.id if post else None)
    try:
        proposed = proposing.propose(me.id, member_id, terms)
        db.session.commit()
    except DomainError as error:
        return _refused(form, shown, error)
    if proposed.is_new:
        flash(_("Your proposal is sent. %(name)s can agree, decline or propose it differently.", name=shown["name"]))
    else:
        flash(_("The same is proposed or agreed between you already: here it is."))
    return redirect(url_for("exchanges.show", exchange_id=proposed.exchange_id), 303)


@blueprint.route("/<int:exchange_id>/counter", methods=["GET", "POST"])
def counter(exchange_id: int) -> ResponseReturnValue:
    with intending("read"):
        exchange = exchange_or_404(exchange_id)
        legs = db.session.execute(queries.legs_of([exchange_id])).all()
        sides = db.session.execute(queries.sides_of(exchange_id)).all()
        mine, others = side_of(sides), [side for side in sides if side.user_id != me.id]
        if len(others) != 1:
            abort(403)
        shown = {
            "name": others[0].name,
            "id": others[0].user_id,
            "picture": picture_url(others[0].user_id, others[0].picture_id),
        }
        form = _prepared(ProposalForm(data=_stored(exchange, legs)), *(leg.minutes for leg in legs))
        may, post_id = policy.can_change(mine, exchange), exchange.post_id
        end_reading()
    if not form.is_submitted():
        return _page(form, shown, exchange_id) if may else abort(403)
    if not form.validate():
        return _page(form, shown, exchange_id)
    try:
        proposed = proposing.counter(me.id, exchange_id, shown_number(form.version), _terms(form, shown["id"], post_id))
        db.session.commit()
    except DomainError as error:
        return _refused(form, shown, error, exchange_id)
    flash(_("Your proposal is sent in place of the one before."))
    return redirect(url_for("exchanges.show", exchange_id=proposed.exchange_id), 303)


def _prepared(form: ProposalForm, *minutes: int | None) -> ProposalForm:
    form.choose_kinds(counted=is_on(HOURS))
    form.choose_durations(*(each for each in minutes if each and each <= 1440))
    return form


def _post(member_id: int) -> Any:
    """The post that it is about, one's own or the other's."""
    post_id = request.args.get("post", 0, type=int)
    if not 0 < post_id <= LARGEST_ID:
        return None
    post = db.session.execute(post_queries.post_for(me, post_id)).one_or_none()
    return post if post is not None and post.author_id in (me.id, member_id) else None


def _suggested(member_id: int, post: Any) -> dict[str, Any]:
    """What the post says, or what one of the two offers and the other wants."""
    one_way = TIME_CREDIT if is_on(HOURS) else GIFT
    if post is not None:
        helping = (post.kind == REQUEST) == (post.author_id == member_id)
        side, minutes = ("give" if helping else "get"), str(min(post.minutes or USUAL_MINUTES, 1440))
        about = {side: post.title[:LONGEST_ABOUT], f"{side}_minutes": minutes, "place": post.place}
        return {"kind": one_way, "give_minutes": "60", "get_minutes": "60", **about}
    rows = db.session.execute(queries.meetings_of(me, member_id)).all()
    get = next((row.name for row in rows if row.kind == OFFER), "")
    give = next((row.name for row in rows if row.kind != OFFER), "")
    kind = SWAP if (give and get) or not (give or get) else one_way
    return {"kind": kind, "give": give, "get": get, "give_minutes": "60", "get_minutes": "60"}


def _stored(exchange: Exchange, legs: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "version": str(exchange.version),
        "kind": exchange.kind,
        "place": exchange.place,
        "link": exchange.link,
        "starts_at": exchange.starts_at.astimezone(zone()) if exchange.starts_at else None,
        "give_minutes": "60",
        "get_minutes": "60",
    }
    for leg in legs:
        side = "give" if leg.teacher_id == me.id else "get"
        data |= {side: leg.about, f"{side}_minutes": str(leg.minutes)}
    return data


def _terms(form: ProposalForm, other_id: int, post_id: int | None) -> Terms:
    with intending("read"):
        legs = [
            Leg(teacher, learner, about.data, int(minutes.data), skill_named(me, about.data))
            for about, minutes, teacher, learner in (
                (form.give, form.give_minutes, me.id, other_id),
                (form.get, form.get_minutes, other_id, me.id),
            )
            if about.data
        ]
        end_reading()
    return Terms(
        kind=form.kind.data,
        legs=legs,
        place=form.place.data or "",
        link=form.link.data or "",
        starts_at=form.starts_at.moment,
        zone=me.timezone or "UTC",
        note=form.note.data or "",
        post_id=post_id,
    )


def _refused(
    form: ProposalForm, shown: dict[str, Any], error: DomainError, exchange_id: int | None = None
) -> ResponseReturnValue:
    db.session.rollback()
    form.refuse(error)
    page, _status = _page(form, shown, exchange_id)
    return page, error.status


def _page(form: ProposalForm, shown: dict[str, Any], exchange_id: int | None = None) -> tuple[str, int]:
    with intending("read"):
        names = list(db.session.scalars(all_names()))
        end_reading()
    page = render_template("exchanges/form.html", form=form, other=shown, exchange_id=exchange_id, names=names)
    return page, 422 if form.errors else 200
