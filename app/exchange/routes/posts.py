"""Posts as everybody sees them: the list, one of them, the list on paper, and what one does with one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.models import User
from app.accounts.operations.mails import absolute
from app.accounts.viewer import me, picture_url, visit
from app.chats.operations.locking import require_reachable
from app.community.presets import CHATS
from app.core.access import ask_to_sign_in, public
from app.core.clock import now
from app.core.db import AnyRow, AnySelect, db
from app.core.errors import Forbidden
from app.core.files import path_of
from app.core.forms import shown_number
from app.core.markdown import rendered
from app.core.paging import Key, page_of
from app.core.switches import is_on
from app.core.text import fold
from app.directory.policy import can_browse
from app.exchange import policy
from app.exchange.browsing import PostPanel, filters_of, panel_of
from app.exchange.cards import post_cards
from app.exchange.forms.posts import VersionForm
from app.exchange.models import Post
from app.exchange.models.posts import KINDS
from app.exchange.operations import meeting
from app.exchange.operations import posts as operations
from app.exchange.queries import posts as queries
from app.exchange.queries.helpers import Helper, helpers_for
from app.exchange.routes.blueprints import post_or_404
from app.exchange.routes.blueprints import posts_blueprint as blueprint
from app.exchange.states import CLOSE, FILL, REOPEN
from app.reports.filing import filing
from app.reports.models import POST
from app.reports.operations import Subject

NEWEST_FIRST = (Key(Post.created_at.expression, descending=True), Key(Post.id.expression, descending=True))
MOST_PRINTED = 400


@blueprint.get("")
@public
def index() -> ResponseReturnValue:
    if not can_browse(me, visit().community):
        return ask_to_sign_in()
    filters = filters_of(request.args)
    page = page_of(queries.open_posts(me, filters), NEWEST_FIRST, _all)
    cards = post_cards(page.items, signed_in=me.is_authenticated)
    panel: PostPanel = panel_of(filters, request.args, _all(queries.options(me)))
    return render_template("posts/index.html", page=page, cards=cards, filters=filters, panel=panel)


@blueprint.get("/mine")
def mine() -> ResponseReturnValue:
    page = page_of(queries.own_posts(me), NEWEST_FIRST, _all)
    return render_template("posts/mine.html", page=page, cards=post_cards(page.items, signed_in=True))


@blueprint.get("/print")
def print_posts() -> ResponseReturnValue:
    """All that stands, for the notice board: the first few hundred."""
    filters = filters_of(request.args)
    order = (Post.created_at.desc(), Post.id.desc())
    rows = _all(queries.open_posts(me, filters).order_by(*order).limit(MOST_PRINTED))
    cards = post_cards(rows, signed_in=True)
    groups = [(kind, [card for card in cards if card.kind == kind]) for kind in KINDS]
    return render_template("posts/print.html", groups=groups, today=now(), filters=filters)


@blueprint.get("/<int:post_id>")
@public
def show(post_id: int) -> ResponseReturnValue:
    if not can_browse(me, visit().community):
        return ask_to_sign_in()
    post = post_or_404(post_id)
    (card,) = post_cards([post], signed_in=me.is_authenticated)
    return render_template("posts/show.html", post=post, card=card, html=rendered(post.text), **_around(post))


@blueprint.get("/<int:post_id>/picture/<int:picture_id>")
def picture(post_id: int, picture_id: int) -> Response:
    found = db.session.execute(queries.picture_for(me, post_id, picture_id)).one_or_none() or abort(404)
    response = Response(path_of(found.sha256).read_bytes(), mimetype=found.media_type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@blueprint.post("/<int:post_id>/answer")
def answer(post_id: int) -> ResponseReturnValue:
    """ "I can help": the chat with the author, with the post quoted."""
    post = post_or_404(post_id)
    if not policy.can_answer(me, post) or not is_on(CHATS):
        abort(403)
    chat_id = meeting.answer(me.id, post.author_id, post.title, absolute("posts.show", post_id=str(post_id)), post.kind)
    db.session.commit()
    return redirect(url_for("chats.show", chat_id=chat_id), 303)


@blueprint.post("/<int:post_id>/asking/<int:member_id>")
def ask(post_id: int, member_id: int) -> ResponseReturnValue:
    """The chat with a member who fits one's own post."""
    post = post_or_404(post_id)
    if not policy.can_edit(me, post) or not is_on(CHATS):
        abort(403)
    try:
        require_reachable(me.id, member_id)
    except Forbidden:
        abort(404)
    chat_id = meeting.ask(me.id, member_id, post.title, absolute("posts.show", post_id=str(post_id)), post.kind)
    db.session.commit()
    return redirect(url_for("chats.show", chat_id=chat_id), 303)


@blueprint.post("/<int:post_id>/fulfilment")
def fill(post_id: int) -> ResponseReturnValue:
    return _move(post_id, FILL, operations.fill, _("Good! The post is off the list."))


@blueprint.post("/<int:post_id>/closure")
def close(post_id: int) -> ResponseReturnValue:
    return _move(post_id, CLOSE, operations.close, _("The post is off the list. You can put it up again."))


@blueprint.post("/<int:post_id>/reopening")
def reopen(post_id: int) -> ResponseReturnValue:
    return _move(post_id, REOPEN, operations.reopen, _("The post is up again for 30 days."))


@blueprint.route("/<int:post_id>/report", methods=["GET", "POST"])
def report(post_id: int) -> ResponseReturnValue:
    post = post_or_404(post_id)
    author = db.session.get_one(User, post.author_id)
    texts = [("name", author.name), ("post", f"{post.title}\n{post.text}".strip())]
    return filing(author, Subject(POST, post_id, author.id, texts), url_for("posts.show", post_id=post_id))


def _move(post_id: int, action: str, operation: Callable[[int, int, int], Any], said: str) -> ResponseReturnValue:
    post = post_or_404(post_id)
    if not policy.is_author(me, post):
        abort(403)
    form = VersionForm()
    if not form.validate():
        abort(422)
    operation(me.id, post_id, shown_number(form.version))
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("posts.show", post_id=post_id), 303)


def _around(post: AnyRow) -> dict[str, Any]:
    """What the page shows beside the post: to its author who fits, to others the way to answer."""
    own = policy.is_author(me, post)
    helpers: list[tuple[Helper, str]] = []
    if own and policy.can_edit(me, post) and is_on(CHATS):
        skill_ids = [row.id for row in db.session.execute(queries.skills_of([post.id]))]
        helpers = [
            (helper, picture_url(helper.id, helper.picture_id))
            for helper in helpers_for(me, post.kind, skill_ids, fold(post.place)[:240])
        ]
    return {
        "own": own,
        "stands": post.state == "open" and post.expires_at > now(),
        "can_edit": policy.can_edit(me, post),
        "can_fill": policy.can_move(me, post, FILL),
        "can_close": policy.can_move(me, post, CLOSE) and post.state == "open",
        "can_reopen": policy.can_move(me, post, REOPEN),
        "can_answer": is_on(CHATS) and policy.can_answer(me, post),
        "exchange_url": url_for("exchanges.propose", member_id=post.author_id, post=post.id),
        "helpers": helpers,
    }


def _all(statement: AnySelect) -> list[AnyRow]:
    return list(db.session.execute(statement).all())
