"""The registries by which the lower packages stay ignorant of the upper ones; the factory fills them.

Each application object has its own, in `app.extensions["guildhall"]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy import ColumnElement, Connection

Badge = Callable[[ColumnElement[int]], ColumnElement[int]]
LedgerCheck = Callable[[Connection], Iterable[tuple[str, str]]]
DemoPart = Callable[[str], "Iterable[Happening] | None"]
MOST_COUNTED = 100  # what a badge counts at most; it says "99+" then


@dataclass(frozen=True)
class Entry:
    """A place in the navigation; `badge` names the badge whose count it shows, `parent` the entry it stands under.

    `phone` ones also stand in the bar at the bottom of a phone; the address of an `own` one takes the member's id.
    Where the count follows while a page is open, the endpoint `part` gives it anew when `topic` is published.
    """

    key: str
    label: Any
    icon: str
    endpoint: str
    order: int
    badge: str = ""
    parent: str = ""
    phone: bool = False
    own: bool = False
    endpoints: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    part: str = ""
    topic: str = ""


@dataclass(frozen=True)
class Verb:
    """An entry of the "+" menu: something a member starts."""

    label: Any
    icon: str
    endpoint: str
    order: int
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InUse:
    """Something that is still open in a feature, and where to look at it ("" where there is no page)."""

    label: str
    url: str = ""


def nothing_in_use() -> list[InUse]:
    return []


@dataclass(frozen=True)
class Switch:
    """A feature that a community may do without: the endpoints and blueprints it rules go with it.

    `in_use()` lists what forbids to switch it off now.
    """

    key: str
    label: Any
    help: Any
    endpoints: frozenset[str] = frozenset()
    blueprints: frozenset[str] = frozenset()
    in_use: Callable[[], list[InUse]] = nothing_in_use


@dataclass(frozen=True)
class Tick:
    """Work that is due every so often; the handler commits what it does in small steps and returns how many.

    After `longest` a run counts as dead and another one may begin.
    """

    name: str
    every: timedelta
    handler: Callable[[], int]
    longest: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class MailKind:
    """A kind of mail: `context(user_id, params)` makes the template's variables when it is sent, None cancels it.

    A bulk one goes to many, and waits behind mail that somebody waits for.
    """

    name: str
    context: Callable[[int, dict[str, Any]], dict[str, Any] | None]
    is_bulk: bool = False


@dataclass(frozen=True)
class NoticeKind:
    """Something that members are told: `sentence(params)` says it in the reader's language.

    `default` is the channel of members who have not chosen one of `channels`. `mail` is the kind of mail that brings
    it, after `pause` for reading it on the site; `feature` is the switch that it goes with. Where there
    are `roles`, only members who have one of them are asked how.
    """

    name: str
    icon: str
    label: Any
    sentence: Callable[[dict[str, Any]], str]
    default: str = "in_app"
    help: Any = ""
    channels: tuple[str, ...] = ("in_app", "mail", "digest", "off")
    mail: str = "notice"
    pause: timedelta = timedelta(0)
    feature: str = ""
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LineKind:
    """A line that the site itself writes into a chat: `sentence(params)` says it in the reader's language."""

    name: str
    icon: str
    sentence: Callable[[dict[str, Any]], str]


@dataclass(frozen=True)
class Happening:
    """Something of the demo community's past: `act()` does it again, and takes that moment for now."""

    at: datetime
    act: Callable[[], object]


@dataclass(frozen=True)
class Merger:
    """How a feature makes one member of two, and two of one again.

    `merge(kept_id, duplicate_id)` gives the kept member what the duplicate has and returns, as JSON, what
    `take_apart(kept_id, duplicate_id, done)` needs to restore both; what was done since stays with the kept one.
    """

    merge: Callable[[int, int], dict[str, Any]]
    take_apart: Callable[[int, int, dict[str, Any]], None]


@dataclass(frozen=True)
class ImportTaker:
    """How a feature takes what stands in an imported archive beside the members.

    `take(brought)` gets (user id, what the member brought) pairs and returns, as JSON, what `give_back` needs to take
    it away again. That raises IntegrityError when something was done with it that has to be kept.
    """

    take: Callable[[list[tuple[int, Any]]], Any]
    give_back: Callable[[Any], None]


@dataclass(frozen=True)
class NewsSource:
    """Something that the news of the week tell of while `feature` is on.

    `is_any(since, until)` says whether there is something for anybody; `told(user_id, since, until)` is how much there
    is for this member, and the first few as (text, small print, address). `heading(count)` stands above them. Both are
    said in the language of a mail that is drawn later, so small print is lazy.
    """

    feature: str
    heading: Callable[[int], str]
    is_any: Callable[[datetime, datetime], bool]
    told: Callable[[int, datetime, datetime], tuple[int, list[tuple[str, Any, str]]]]


@dataclass(frozen=True)
class Recipient:
    user_id: int
    name: str
    address: str
    locale: str
    timezone: str


@dataclass
class Registry:
    navigation: list[Entry] = field(default_factory=list)
    verbs: list[Verb] = field(default_factory=list)
    chat_verbs: list[Verb] = field(default_factory=list)
    badges: dict[str, list[tuple[Badge, str]]] = field(default_factory=dict)
    switches: dict[str, Switch] = field(default_factory=dict)
    ticks: dict[str, Tick] = field(default_factory=dict)
    mail_kinds: dict[str, MailKind] = field(default_factory=dict)
    notice_kinds: dict[str, NoticeKind] = field(default_factory=dict)
    line_kinds: dict[str, LineKind] = field(default_factory=dict)
    news_sources: list[NewsSource] = field(default_factory=list)
    recipient: Callable[[int], Recipient | None] | None = None
    arrivals: dict[str, Callable[[int], None]] = field(default_factory=dict)
    closers: dict[str, Callable[[int], None]] = field(default_factory=dict)
    mergers: dict[str, Merger] = field(default_factory=dict)
    import_takers: dict[str, ImportTaker] = field(default_factory=dict)
    exporters: dict[str, Callable[[int], dict[str, Any]]] = field(default_factory=dict)
    live_states: dict[str, Badge] = field(default_factory=dict)
    demo_parts: dict[str, DemoPart] = field(default_factory=dict)
    ledger_checks: dict[str, LedgerCheck] = field(default_factory=dict)

    def add_navigation(self, *entries: Entry) -> None:
        self.navigation = sorted([*self.navigation, *entries], key=lambda entry: entry.order)

    def add_verbs(self, *verbs: Verb) -> None:
        self.verbs = sorted([*self.verbs, *verbs], key=lambda verb: verb.order)

    def add_chat_verbs(self, *verbs: Verb) -> None:
        """What two members can begin from their chat; the address takes the other one's `member_id`."""
        self.chat_verbs = sorted([*self.chat_verbs, *verbs], key=lambda verb: verb.order)

    def add_badge(self, key: str, count: Badge, feature: str = "") -> None:
        """`count(user_id)` is a scalar expression that rides along with the signed-in member's statement.

        The statement holds the member's row and the community's settings, which the expression may name instead of
        reading them again: each subquery has to be planned for every page. It counts while `feature` is switched on.
        """
        self.badges.setdefault(key, []).append((count, feature))

    def add_switches(self, *switches: Switch) -> None:
        self.switches.update({switch.key: switch for switch in switches})

    def add_ticks(self, *ticks: Tick) -> None:
        self.ticks.update({tick.name: tick for tick in ticks})

    def add_mail_kinds(self, *kinds: MailKind) -> None:
        self.mail_kinds.update({kind.name: kind for kind in kinds})

    def add_notice_kinds(self, *kinds: NoticeKind) -> None:
        self.notice_kinds.update({kind.name: kind for kind in kinds})

    def add_line_kinds(self, *kinds: LineKind) -> None:
        self.line_kinds.update({kind.name: kind for kind in kinds})

    def add_arrival(self, feature: str, welcome: Callable[[int], None]) -> None:
        """`welcome(user_id)` gives a new member what belongs to it, when others begin to see the member."""
        self.arrivals[feature] = welcome

    def add_news(self, *sources: NewsSource) -> None:
        self.news_sources.extend(sources)

    def add_closer(self, feature: str, close: Callable[[int], None]) -> None:
        """`close(user_id)` takes the private rows of a feature away when an account is emptied."""
        self.closers[feature] = close

    def add_merger(self, feature: str, merger: Merger) -> None:
        """Merges run in the order of their registration, taking apart runs the other way round."""
        self.mergers[feature] = merger

    def add_import_taker(self, what: str, taker: ImportTaker) -> None:
        """`what` is "posts", the one thing that an import hands on."""
        self.import_takers[what] = taker

    def add_exporter(self, feature: str, export: Callable[[int], dict[str, Any]]) -> None:
        """`export(user_id)` gives what a feature keeps about a member, as JSON-ready values."""
        self.exporters[feature] = export

    def add_live_state(self, topic: str, state: Badge) -> None:
        """`state(user_id)` is a scalar subquery whose number changes whenever `topic` is published to the member.

        Pages that found no place for a stream compare it with the one before.
        """
        self.live_states[topic] = state

    def add_ledger_check(self, feature: str, check: LedgerCheck) -> None:
        """`check(connection)` gives (row, fault) for what a feature knows about its own money and finds otherwise in
        the ledger, by the snapshot that `connection` reads; `flask wallet verify` asks all of them."""
        self.ledger_checks[feature] = check

    def add_demo(self, feature: str, load: DemoPart) -> None:
        """`load(preset)` adds a feature's part of the demo community; parts run in the order of their registration.

        What has to come in the order of time across the features, such as all that moves hours, is not done by `load`
        but returned by it: when every part is there it happens, the oldest first.
        """
        self.demo_parts[feature] = load


def init_app(app: Flask) -> Registry:
    registry = Registry()
    app.extensions["guildhall"] = registry
    return registry


def registry() -> Registry:
    """The current application's registry."""
    found: Registry = current_app.extensions["guildhall"]
    return found
