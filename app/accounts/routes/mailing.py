"""Asking for a mail with only an address: whatever stands behind it, the answer is the same."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts import emails, throttle
from app.accounts.forms.fields import text_of
from app.accounts.forms.gate import AddressForm
from app.accounts.routes.browser import address, form_page
from app.core.db import db


def mail_page(form: AddressForm, page: str, sent: str, send: Callable[[str], None]) -> ResponseReturnValue:
    """The template `page` until an address was given, then `send(address)`, counted, and the template `sent`."""
    if not form.validate_on_submit():
        return form_page(page, form)
    email = text_of(form.email)
    throttle.count(*throttle.mail_tries(emails.key(email), address()))
    send(email)
    db.session.commit()
    return render_template(sent, email=email)
