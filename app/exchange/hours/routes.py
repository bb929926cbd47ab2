"""Writing help down: who, how long and when, a look at what will be posted, and then once. And what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice

from app.accounts.viewer import me, visit
from app.core.db import AnyRow, AnySelect, db, end_reading, intending
from app.core.errors import Conflict, DomainError
from app.core.idempotency import new_key, once
from app.core.paging import Key, page_of
from app.exchange.hours import answering, policy, queries, recording
from app.exchange.hours.cards import PairCard, PersonCard, day_text, pair_cards, person_cards
from app.exchange.hours.forms import (
    HELPED_ME,
    LONGEST_SEARCH,
    OTHERS,
    Chosen,
    PostForm,
    ReasonForm,
    RecordForm,
    VersionForm,
    whole,
)
from app.exchange.hours.plan import Planned, today
from app.exchange.models import HourRecordPerson

blueprint = Blueprint("hours", __name__, url_prefix="/hours")
NEWEST_FIRST = (Key(HourRecordPerson.id.expression, descending=True),)
MOST_HITS = 8
# Whoever has just added or removed somebody goes on at the search.
CHOOSING = frozenset({"add", "remove", "choose", "unchoose"})
STEPS = frozenset({"add", "find", "change"})
# What is wrong with those who were chosen is said where others are looked for.
AT_SEARCH = {"one": "q", "others": "q"}


@blueprint.get("")
def index() -> ResponseReturnValue:
    view = queries.RECORDED if request.args.get("view") == queries.RECORDED and me.is_moderator else queries.MINE
    waiting = pair_cards(me, _all(queries.waiting_for(me)) if not view else ())
    page = page_of(queries.pairs_of(me, view), NEWEST_FIRST, _all)
    cards = pair_cards(me, page.items)
    return render_template("hours/index.html", page=page, cards=cards, waiting=waiting, view=view, new_key=new_key)


@blueprint.route("/record", methods=["GET", "POST"])
def record() -> ResponseReturnValue:
    """Everything that is typed comes along with every step, so that it works without a script too."""
    if request.method == "GET":
        form, chosen_people = _form(RecordForm, _beginning()), Chosen()
        chosen_people.add(whole(request.args.get("with")))
        return _form_page(form, chosen_people)
    with intending("read"):
        form, chosen_people = _form(RecordForm), Chosen.sent(request.form)
        hits = _changed(form, chosen_people)
        if _is_choosing() or form.errors or not form.validate():
            page = _form_page(form, chosen_people, hits)
            end_reading()
            return page
    end_reading()
    try:
        pairs = recording.preview(me.id, form.help(me.id, chosen_people))
    except DomainError as error:
        return _refused(form, chosen_people, error)
    db.session.rollback()
    return _preview_page(form, chosen_people, pairs)


@blueprint.post("")
@once
def post() -> ResponseReturnValue:
    form, chosen_people = _form(PostForm), Chosen.sent(request.form)
    if not form.validate():
        return _form_page(form, chosen_people)
    try:
        given = form.help(me.id, chosen_people)
        recorded = recording.record(me.id, given, form.idempotency_key.data, sharing=form.rule)
    except DomainError as error:
        return _refused(form, chosen_people, error)
    flash(_("It is recorded."), "success")
    return redirect(url_for("hours.show", record_id=recorded.record_id), 303)


@blueprint.get("/<int:record_id>")
def show(record_id: int) -> ResponseReturnValue:
    return _show_page(record_id)


@blueprint.post("/<int:record_id>/people/<int:pair_id>/acceptance")
@once
def accept(record_id: int, pair_id: int) -> ResponseReturnValue:
    return _answer(record_id, pair_id, policy.can_answer, answering.accept, _("Thank you, it is recorded."))


@blueprint.post("/<int:record_id>/people/<int:pair_id>/refusal")
@once
def decline(record_id: int, pair_id: int) -> ResponseReturnValue:
    return _answer_with_reason(
        record_id, pair_id, policy.can_answer, answering.decline, _("You have declined it. No hours have moved.")
    )


@blueprint.post("/<int:record_id>/people/<int:pair_id>/withdrawal")
@once
def withdraw(record_id: int, pair_id: int) -> ResponseReturnValue:
    return _answer(record_id, pair_id, policy.can_withdraw, answering.withdraw, _("It is withdrawn."))


@blueprint.post("/<int:record_id>/people/<int:pair_id>/reversal")
@once
def take_back(record_id: int, pair_id: int) -> ResponseReturnValue:
    said = _("It is taken back: the hours are where they were.")
    return _answer_with_reason(record_id, pair_id, policy.can_take_back, answering.take_back, said)


def _answer(
    record_id: int,
    pair_id: int,
    may: Callable[[Any, Any], bool],
    operation: Callable[[int, int, int], object],
    said: str,
) -> ResponseReturnValue:
    form = VersionForm()
    _require(record_id, pair_id, form, may)
    try:
        operation(me.id, pair_id, form.version.data or 0)
    except Conflict:
        raise
    except DomainError as error:
        return _show_page(record_id, error=error)
    return _done(record_id, said)


def _answer_with_reason(
    record_id: int,
    pair_id: int,
    may: Callable[[Any, Any], bool],
    operation: Callable[[int, int, int, str], object],
    said: str,
) -> ResponseReturnValue:
    form = ReasonForm()
    _require(record_id, pair_id, form, may)
    if form.reason.errors:
        error = DomainError(" ".join(form.reason.errors), "reason")
        return _show_page(record_id, error=error, refused_id=pair_id, typed=form.reason.data or "")
    try:
        operation(me.id, pair_id, form.version.data or 0, form.reason.data or "")
    except Conflict:
        raise
    except DomainError as error:
        return _show_page(record_id, error=error, refused_id=pair_id, typed=form.reason.data or "")
    return _done(record_id, said)


def _require(record_id: int, pair_id: int, form: VersionForm, may: Callable[[Any, Any], bool]) -> None:
    """404 for a stranger, 422 for a form of nobody's, 409 when somebody was faster, 403 for whoever may not."""
    row = db.session.execute(queries.pair_for(me, record_id, pair_id)).one_or_none() or abort(404)
    form.validate()
    if form.version.errors:
        abort(422)
    if row.version != form.version.data:
        raise Conflict(_("Somebody was faster. Nothing was changed: look at it as it is now."))
    if not may(me, row):
        abort(403)


def _done(record_id: int, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("hours.show", record_id=record_id), 303)


def _beginning() -> dict[str, Any]:
    return {"direction": request.args.get("direction", HELPED_ME), "done_on": today(me.timezone)}


def _form(kind: type[RecordForm], data: dict[str, Any] | None = None) -> Any:
    """With what can be chosen."""
    form = kind() if data is None else kind(formdata=None, data=data)
    form.offer_directions(me.is_moderator)
    form.category.choices = [
        SelectChoice("", _("Something else")),
        *(SelectChoice(str(row.id), row.name) for row in db.session.execute(queries.categories())),
    ]
    return form


def _changed(form: RecordForm, chosen_people: Chosen) -> list[PersonCard]:
    """Adds and removes as the pressed button says; several whom the typed name may mean are the answer."""
    sent = request.form
    chosen_people.add(whole(sent.get("add")))
    chosen_people.remove(whole(sent.get("remove")))
    chosen_people.one = 0 if "unchoose" in sent else whole(sent.get("choose")) or chosen_people.one
    text = form.q.data or ""
    if "add" in sent or "choose" in sent:
        form.q.data, text = "", ""
    if not text:
        return []
    found = person_cards(_all(queries.people_named(me, text[:LONGEST_SEARCH], MOST_HITS)))
    hits = [person for person in found if person.id not in (me.id, *chosen_people.ids)]
    if len(hits) == 1 and (sent.get("do") == "add" or not _is_choosing()) and form.direction.data != OTHERS:
        chosen_people.add(hits[0].id)
        form.q.data = ""
        hits.clear()
    elif any(person.id in chosen_people.ids for person in found) and not hits:
        form.q.data = ""  # whoever is meant stands there already
    elif not hits:
        form.refuse(DomainError(_("Nobody of this name or number can be chosen."), "q"))
    elif not _is_choosing():
        form.refuse(DomainError(_("Choose whom you mean."), "q"))
    return hits


def _is_choosing() -> bool:
    """Whether the button that was pressed is any but the one that goes on."""
    return request.form.get("do") in STEPS or not CHOOSING.isdisjoint(request.form)


def _refused(form: RecordForm, chosen_people: Chosen, error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    form.refuse(DomainError(error.message, AT_SEARCH.get(error.field, error.field)))
    return _form_page(form, chosen_people, status=error.status)


def _form_page(
    form: RecordForm, chosen_people: Chosen, hits: list[PersonCard] | None = None, status: int = 422
) -> ResponseReturnValue:
    ids = chosen_people.ids
    people = {person.id: person for person in person_cards(_all(queries.people_by_id(me, ids)) if ids else [])}
    page = render_template(
        "hours/form.html",
        form=form,
        one=people.get(chosen_people.one),
        others=[people[member_id] for member_id in chosen_people.others if member_id in people],
        hits=hits or [],
        for_others=form.direction.data == OTHERS,
        goes_on=request.form.get("do") == "add" or not CHOOSING.isdisjoint(request.form),
        sharing=visit().community.hour_sharing,
        latest=today(me.timezone),
    )
    return page, status if form.errors else 200


def _preview_page(form: Any, chosen_people: Chosen, pairs: list[Planned]) -> ResponseReturnValue:
    own = sum(pair.minutes * ((pair.helper_id == me.id) - (pair.helped_id == me.id)) for pair in pairs if pair.is_paid)
    return render_template(
        "hours/preview.html",
        form=form,
        people=chosen_people,
        pairs=pairs,
        own=own,
        day=day_text(form.done_on.data),
        sharing=visit().community.hour_sharing,
        category={choice.value: choice.label for choice in form.category.choices}[form.category.data or ""],
    )


def _show_page(
    record_id: int, *, error: DomainError | None = None, refused_id: int = 0, typed: str = ""
) -> ResponseReturnValue:
    if error:
        db.session.rollback()
    rows = _all(queries.record_for(me, record_id))
    if not rows:
        abort(404)
    cards: list[PairCard] = pair_cards(me, rows)
    page = render_template(
        "hours/show.html",
        record=rows[0],
        cards=cards,
        card=cards[0],
        error=error.message if error else "",
        refused_id=refused_id,
        typed=typed,
        new_key=new_key,
    )
    return page, error.status if error else 200


def _all(statement: AnySelect) -> list[AnyRow]:
    return list(db.session.execute(statement).all())
