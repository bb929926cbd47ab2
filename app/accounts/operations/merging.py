"""Two rows that are one person: the kept one takes over what the duplicate has, and for 30 days it can be undone.

The duplicate keeps its own rows, hidden with it; only its address and what others know by an id change hands. So
taking apart gives each back what it had, and what was done since stays with the kept one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.merges import MemberMerge
from app.accounts.models import EmailChange, User
from app.accounts.numbers import NOBODYS
from app.accounts.operations.closing import empty, never_confirmed
from app.accounts.operations.email_change import free_address
from app.accounts.operations.locking import locked
from app.accounts.operations.mails import send
from app.accounts.operations.sessions import end_all_sessions
from app.accounts.periods import TAKE_APART
from app.accounts.policy import signs_in
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.doubles import moment_of, plain
from app.core.errors import Conflict, DomainError
from app.core.models import StoredFile
from app.core.registry import registry

RANKS = {"member": 0, "moderator": 1, "admin": 2}
# What is chosen together, under the name of what is shown; the first column says whether there is anything.
GROUPS = {
    "name": ("name", "name_key"),
    "phone": ("phone", "phone_visibility"),
    "location": ("location", "place_key"),
    "pronouns": ("pronouns",),
    "bio": ("bio",),
    "learning_style": ("learning_style",),
    "coordinators_note": ("coordinators_note",),
}
SIGN_IN = ("email", "email_key", "is_verified", "password_hash", "last_login_at", "locale")
CHOICES = (*GROUPS, "number", "email", "picture")
MOMENTS = {"created_at", "approved_at", "last_login_at"}


def merge_members(kept_id: int, duplicate_id: int, actor_id: int, theirs: Collection[str] = ()) -> MemberMerge:
    """`theirs` are the CHOICES in which the duplicate's answer is kept where both have one.

    Raises Conflict when one of them is no longer there to be merged, DomainError for what cannot be.
    """
    kept, duplicate = _both(kept_id, duplicate_id)
    _require_mergeable(kept, duplicate)
    before, gone = _columns(kept), {"email": duplicate.email, "email_key": duplicate.email_key}
    addresses = [user.email for user in (kept, duplicate) if signs_in(user)]
    taken = _taken_over(kept, duplicate, theirs)
    numbers = [kept.number, duplicate.number] if "number" in theirs else []
    duplicate.merged_into_id, duplicate.is_active = kept_id, False
    duplicate.email = duplicate.email_key = None
    db.session.flush()
    _swap_numbers(kept, duplicate, numbers)
    for name, value in taken.items():
        setattr(kept, name, value)
    picture = _take_picture(kept, duplicate, theirs)
    db.session.flush()
    changed = {name: [before[name], plain(getattr(kept, name))] for name in taken}
    features = {name: merger.merge(kept_id, duplicate_id) for name, merger in registry().mergers.items()}
    snapshot = {"fields": changed, "gone": gone, "numbers": numbers, "picture": picture, "features": features}
    merge = MemberMerge(
        kept_id=kept_id,
        duplicate_id=duplicate_id,
        actor_id=actor_id,
        snapshot=snapshot,
        expires_at=now() + TAKE_APART,
    )
    _add(merge)
    end_all_sessions(duplicate_id)
    _tell_old_address(kept, actor_id, [address for address in addresses if address != kept.email])
    if "email" in taken:
        _forget_sign_in(kept_id)
    detail = f"{duplicate_id} into {kept_id}"
    audit.record("members-merged", actor_id=actor_id, subject_id=kept_id, detail=detail)
    audit.record("members-merged", actor_id=actor_id, subject_id=duplicate_id, detail=detail)
    return merge


def take_apart(merge_id: int, actor_id: int) -> MemberMerge:
    """Both are as they were. Raises Conflict when that is no longer possible."""
    merge = db.session.get_one(MemberMerge, merge_id)
    kept, duplicate = _both(merge.kept_id, merge.duplicate_id)
    db.session.refresh(merge, with_for_update=True)
    _require_open(merge, kept)
    snapshot = merge.snapshot
    for name, merger in reversed(registry().mergers.items()):
        if name in snapshot["features"]:
            merger.take_apart(kept.id, duplicate.id, snapshot["features"][name])
    restored = _restore_fields(kept, snapshot["fields"])
    _give_back_picture(kept, snapshot["picture"])
    if snapshot["numbers"] == [duplicate.number, kept.number]:
        _swap_numbers(kept, duplicate, snapshot["numbers"])
    duplicate.merged_into_id, duplicate.is_active = None, True
    _give_back_address(duplicate, snapshot["gone"])
    forgotten: dict[str, Any] = {}
    merge.snapshot, merge.undone_at, merge.undone_by_id = forgotten, now(), actor_id
    if "email" in restored:
        _forget_sign_in(kept.id)
    detail = f"{duplicate.id} from {kept.id}"
    audit.record("members-taken-apart", actor_id=actor_id, subject_id=kept.id, detail=detail)
    audit.record("members-taken-apart", actor_id=actor_id, subject_id=duplicate.id, detail=detail)
    return merge


def purge_merges() -> int:
    """After 30 days two are one for good: nothing is kept of the duplicate but whose it is. Returns how many."""
    over = select(MemberMerge.id).where(
        MemberMerge.undone_at.is_(None), MemberMerge.purged_at.is_(None), MemberMerge.expires_at <= now()
    )
    ids = list(db.session.scalars(over))
    db.session.rollback()
    return sum(_purge(merge_id) for merge_id in ids)


def forget_member(user_id: int) -> None:
    """Of an account that is emptied: what merges keep of it, and the doubles that are part of it."""
    about = (MemberMerge.kept_id == user_id) | (MemberMerge.duplicate_id == user_id)
    ended = update(MemberMerge).where(about, MemberMerge.undone_at.is_(None), MemberMerge.purged_at.is_(None))
    db.session.execute(ended.values(snapshot={}, purged_at=now()))
    doubles = select(User.id).where(User.merged_into_id == user_id, User.emptied_at.is_(None)).order_by(User.id)
    for double_id in db.session.scalars(doubles).all():
        empty(double_id)


def _both(kept_id: int, duplicate_id: int) -> tuple[User, User]:
    """Locked, the lower id first, so that two merges of the same members go one after the other."""
    if kept_id == duplicate_id:
        raise DomainError(_("Choose another member: this is the same one."))
    rows = {user_id: locked(user_id) for user_id in sorted((kept_id, duplicate_id))}
    return rows[kept_id], rows[duplicate_id]


def _require_mergeable(kept: User, duplicate: User) -> None:
    for user in (kept, duplicate):
        if user.merged_into_id is not None:
            raise Conflict(_("%(name)s is part of another member already.", name=user.name))
        if user.emptied_at or user.closed_at:
            raise Conflict(_("%(name)s is leaving or has left.", name=user.name))
        if not user.is_active:
            raise DomainError(_("%(name)s is switched off. Switch the account on first.", name=user.name))
    if RANKS[duplicate.role] > RANKS[kept.role]:
        raise DomainError(_("%(name)s looks after the community: keep that account.", name=duplicate.name))
    if not signs_in(duplicate) and _may_vanish(kept, duplicate):
        raise DomainError(_("%(name)s has not confirmed the address: keep the other account.", name=kept.name))


def _may_vanish(kept: User, duplicate: User) -> bool:
    """Whether the kept account alone is one that is emptied unless its address is confirmed in time."""
    both = select(User.id).where(User.id.in_((kept.id, duplicate.id)), never_confirmed())
    return set(db.session.scalars(both)) == {kept.id}


def _taken_over(kept: User, duplicate: User, theirs: Collection[str]) -> dict[str, Any]:
    """The kept member's new values by column: what is missing, what was chosen, and the earlier day of joining."""
    taken: dict[str, Any] = {}
    for choice, columns in GROUPS.items():
        mine, other = (getattr(user, columns[0]) for user in (kept, duplicate))
        if other and (not mine or choice in theirs):
            taken.update({name: getattr(duplicate, name) for name in columns})
    if signs_in(duplicate) and (not signs_in(kept) or "email" in theirs):
        taken.update({name: getattr(duplicate, name) for name in SIGN_IN})
    if duplicate.created_at < kept.created_at:
        taken["created_at"] = duplicate.created_at
    if kept.approved_at is None and duplicate.approved_at is not None:
        taken["approved_at"] = duplicate.approved_at
    return {name: value for name, value in taken.items() if value != getattr(kept, name)}


def _columns(user: User) -> dict[str, Any]:
    names = [*(name for columns in GROUPS.values() for name in columns), *SIGN_IN, "created_at", "approved_at"]
    return {name: plain(getattr(user, name)) for name in names}


def _swap_numbers(kept: User, duplicate: User, numbers: list[int]) -> None:
    """Through a number that nobody has or is being given, because each is unique at every moment."""
    if not numbers:
        return
    mine, theirs = kept.number, duplicate.number
    kept.number = NOBODYS
    db.session.flush()
    duplicate.number = mine
    db.session.flush()
    kept.number = theirs
    db.session.flush()


def _take_picture(kept: User, duplicate: User, theirs: Collection[str]) -> dict[str, int | None]:
    """A row of the kept member's own for the same file."""
    if duplicate.picture_id is None or (kept.picture_id is not None and "picture" not in theirs):
        return {}
    file = db.session.get_one(StoredFile, duplicate.picture_id)
    copy = StoredFile(owner_id=kept.id, name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256)
    db.session.add(copy)
    db.session.flush()
    before, kept.picture_id = kept.picture_id, copy.id
    return {"before": before, "after": copy.id}


def _give_back_picture(kept: User, picture: dict[str, int | None]) -> None:
    if picture and kept.picture_id == picture["after"]:
        kept.picture_id = picture["before"]
        db.session.flush()
        db.session.execute(delete(StoredFile).where(StoredFile.id == picture["after"]))


def _add(merge: MemberMerge) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(merge)
    except IntegrityError as error:
        raise Conflict(_("Somebody was faster. Nothing was changed: look at it as it is now.")) from error


def _require_open(merge: MemberMerge, kept: User) -> None:
    if merge.undone_at is not None:
        raise Conflict(_("They were taken apart already."))
    if merge.purged_at is not None or merge.expires_at <= now():
        raise Conflict(_("This is too long ago: they are one member for good."))
    if kept.merged_into_id is not None:
        raise Conflict(_("%(name)s is part of another member by now. Take those two apart first.", name=kept.name))
    later = (MemberMerge.kept_id == kept.id, MemberMerge.id > merge.id, MemberMerge.undone_at.is_(None))
    if db.session.scalar(select(MemberMerge.id).where(*later, MemberMerge.purged_at.is_(None)).limit(1)):
        raise Conflict(_("Another member was merged into this one since. Take that one apart first."))


def _restore_fields(kept: User, fields: dict[str, list[Any]]) -> set[str]:
    """What is still as the merge left it; returns which columns. Raises Conflict for an address of somebody else."""
    restored = {name for name, (_before, after) in fields.items() if plain(getattr(kept, name)) == after}
    if not {"email", "email_key"} <= restored:  # an address of since then stays, and that it was proven
        restored -= {"email", "email_key", "is_verified"}
    elif fields["email_key"][0]:
        free_address(fields["email_key"][0])
    for name in restored:
        before = fields[name][0]
        setattr(kept, name, moment_of(before) if name in MOMENTS else before)
    _flush_address(kept.email)
    return restored


def _give_back_address(duplicate: User, gone: dict[str, str | None]) -> None:
    if gone["email_key"]:
        free_address(gone["email_key"])
    duplicate.email, duplicate.email_key = gone["email"], gone["email_key"]
    _flush_address(gone["email"])


def _flush_address(email: str | None) -> None:
    """Whoever has confirmed the address meanwhile keeps it. Raises Conflict."""
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        text = _("The address %(email)s belongs to another account by now. Nothing was changed.", email=email)
        raise Conflict(text) from error


def _tell_old_address(kept: User, actor_id: int, addresses: Collection[str | None]) -> None:
    """Whoever reads mail there learns why it no longer opens anything, and that it can be undone."""
    params = {"name": kept.name, "days": TAKE_APART.days, "locale": kept.locale}
    for address in addresses:
        send("accounts_merged", actor_id, params, address or "")


def _forget_sign_in(kept_id: int) -> None:
    """Another address and password count: whoever came in with those of before has to sign in anew."""
    end_all_sessions(kept_id)
    db.session.execute(delete(EmailChange).where(EmailChange.user_id == kept_id))


def _purge(merge_id: int) -> bool:
    """Looks again under the row's lock: somebody may have taken them apart in the last minute."""
    merge = db.session.get_one(MemberMerge, merge_id)
    locked(merge.duplicate_id)
    db.session.refresh(merge)
    if merge.undone_at is not None:
        db.session.rollback()
        return False
    empty(merge.duplicate_id)
    db.session.commit()
    return True
