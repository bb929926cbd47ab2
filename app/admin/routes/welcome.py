"""What a coordinator does first, once the community is set up: a test mail, and bringing the members."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me
from app.admin import testmail
from app.admin.forms.community import EmptyForm
from app.admin.routes.blueprint import blueprint, for_administrators
from app.community import operations
from app.core.db import db, end_reading

# Ways to bring members in, as far as they exist: endpoint, icon.
WAYS = (("admin.invitations", "user-plus"), ("accounts.invitations", "user-plus"), ("admin.import_members", "upload"))


@blueprint.route("/test-mail", methods=["GET", "POST"])
@for_administrators
def test_mail() -> ResponseReturnValue:
    form = EmptyForm()
    outcome = None
    if form.validate_on_submit():
        end_reading()  # the mail server may take its time
        outcome = testmail.send(me)
        if outcome.sent:
            operations.mail_works()
            db.session.commit()
            flash(_("The mail server took the mail. Look whether it arrived at %(email)s.", email=me.email), "success")
            return redirect(url_for("admin.bring_members"), 303)
    page = render_template(
        "admin/setup/test_mail.html", form=form, outcome=outcome, has_server=bool(current_app.config["MAIL_SERVER"])
    )
    return page, 422 if outcome else 200


@blueprint.get("/bring-members")
@for_administrators
def bring_members() -> ResponseReturnValue:
    labels = {"user-plus": _("Invite people"), "upload": _("Bring a list of members")}
    ways = [
        (labels[icon], icon, url_for(endpoint)) for endpoint, icon in WAYS if endpoint in current_app.view_functions
    ]
    return render_template("admin/setup/members.html", ways=ways, address=current_app.config["PUBLIC_URL"])


@blueprint.post("/welcome/dismissal")
@for_administrators
def end_welcome() -> ResponseReturnValue:
    operations.welcome_is_over()
    db.session.commit()
    return redirect(url_for("home.index"), 303)
