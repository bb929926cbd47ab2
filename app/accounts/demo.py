"""The members of the demo community: an invented river town, and a few who join in from far away.

Hand-written people; a fixed seed spreads their joining and their last visit over the months before the loading.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts import availability, passwords
from app.accounts.models import AvailabilitySlot, User, UserLanguage
from app.community.models import THE_ONE, CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.core.text import fold

PASSWORD = "guildhall-demo"  # noqa: S105 printed at the start, for everybody to use
COMMUNITY = "Ottersford Skills Guild"
SEED = 1871
FIRST_JOINED, LAST_JOINED = 545, 6  # days ago
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
TOWN, WEIR, MARSH, HILL = "Ottersford", "Sallow Weir", "Marsh End", "Kingsholt"
HOME_ZONE = "Europe/London"

Hours = tuple[tuple[int, float, float], ...]


@dataclass(frozen=True)
class Person:
    """`hours` are (weekday, from, until) in hours of the person's own clock."""

    key: str
    name: str
    languages: str
    bio: str
    hours: Hours
    place: str = TOWN
    zone: str = HOME_ZONE
    pronouns: str = ""
    style: str = ""
    role: str = "member"


# In the order of their joining.
PEOPLE = (
    Person(
        "admin", "Edwin Achterberg", "nl en de",
        "I look after the guild's website and open the repair café on the first Sunday of the month. "
        "Bring the radio that you thought was past saving.",
        ((MON, 19, 21), (WED, 19, 21), (SUN, 10, 16)), pronouns="he/him", style="doing", role="admin",
    ),
    Person(
        "mod", "Miriam Haddad", "ar fr en",
        "I led the library's reading groups for twenty years and now help newcomers to find their feet here. "
        "There is always mint tea.",
        ((TUE, 10, 13), (WED, 18, 20.5), (THU, 10, 13)), pronouns="she/her", style="talking", role="moderator",
    ),
    Person(
        "alice", "Alice Moreau", "fr en",
        "I teach French at the evening school and bake for the Saturday market. "
        "After ten years of borrowing tools I would like to look after my own bicycle.",
        ((MON, 18, 21), (WED, 18, 21), (SAT, 13, 17)), pronouns="she/her", style="doing",
    ),
    Person(
        "bob", "Bob Okafor", "en ig",
        "I write software during the day and play the guitar on the quay in the evening. "
        "My next holiday is in Lyon, and I want to order dinner properly.",
        ((MON, 18.5, 21.5), (WED, 19, 21), (SAT, 10, 15)), pronouns="he/him", style="doing",
    ),
    Person(
        "carol", "Carol Lindqvist", "sv en de",
        "Two beehives, a large vegetable plot above the weir, and a shed full of seed envelopes. "
        "I gladly share all three.",
        ((TUE, 17, 20), (FRI, 9, 12), (SUN, 9, 13)), WEIR, pronouns="she/her", style="watching",
    ),
    Person(
        "harold", "Harold Penrose", "en cy",
        "Retired joiner with a warm workshop on Mill Lane. I restore chairs, prune old apple trees "
        "and collect stories of the town.",
        ((MON, 10, 16), (TUE, 10, 16), (THU, 14, 18)), pronouns="he/him", style="talking",
    ),
    Person(
        "priya", "Priya Raghunathan", "ta hi en",
        "I work with hospital data and enjoy making numbers less frightening. "
        "On Sundays I cook for as many people as fit round the table.",
        ((TUE, 19, 21.5), (THU, 19, 21.5), (SUN, 11, 17)), pronouns="she/her", style="reading",
    ),
    Person(
        "tomas", "Tomás Rivera Luna", "es ca en",
        "I came from Valencia with a guitar and my grandmother's rice pan. "
        "Happy to talk Spanish over either of them.",
        ((MON, 18, 21), (THU, 18, 21), (SAT, 11, 15)), pronouns="he/him", style="talking",
    ),
    Person(
        "ama", "Ama Mensah", "en ak",
        "Nurse on the children's ward and second alto in the town choir. "
        "I can show you first aid that you will remember when it counts.",
        ((WED, 9, 12), (FRI, 18, 21), (SAT, 14, 18)), pronouns="she/her", style="doing",
    ),
    Person(
        "lukasz", "Łukasz Wójcik", "pl en",
        "Carpenter with my own small firm. I like to hand you the saw and stand beside you "
        "rather than do it for you.",
        ((TUE, 18, 20), (SAT, 8, 13)), MARSH, pronouns="he/him", style="doing",
    ),
    Person(
        "siobhan", "Siobhán O'Malley", "en ga",
        "Fiddle player and caller at the monthly dance in the corn hall. Beginners get the first tune slowly.",
        ((MON, 17, 20), (WED, 17, 20), (SUN, 14, 18)), pronouns="she/her", style="watching",
    ),
    Person(
        "grace", "Grace Whitfield", "en",
        "Editor in Melbourne who grew up in Ottersford and never quite left it. "
        "Send me your letter or your CV and I read it with a kind pencil.",
        ((MON, 18, 22), (WED, 18, 22), (SUN, 8, 11)), "Melbourne", "Australia/Melbourne", "she/her", "reading",
    ),
    Person(
        "noor", "Noor van Dijk", "nl en",
        "I draw for children's books in a studio with a view of the weir. "
        "The screen-printing table is free on most Fridays.",
        ((TUE, 14, 18), (FRI, 10, 17)), WEIR, pronouns="they/them", style="watching",
    ),
    Person(
        "imran", "Imran Siddiqui", "ur pa en",
        "Accountant for shops and small charities, and captain of the Thursday cricket side. "
        "I explain a tax form in plain words.",
        ((MON, 19, 21), (TUE, 19, 21), (SAT, 15, 18)), pronouns="he/him", style="talking",
    ),
    Person(
        "rosa", "Rosa Castellanos", "es en",
        "Midwife for forty years, grandmother for twelve. I knit while I teach Spanish, so bring some wool.",
        ((MON, 10, 13), (WED, 10, 13), (THU, 15, 18)), HILL, pronouns="she/her", style="talking",
    ),
    Person(
        "do-carmo", "Maria do Carmo Vasconcelos", "pt es en",
        "Photographer in Lisbon; I spent a year in Ottersford and photographed every bridge. "
        "Portraits are what I love to teach.",
        ((TUE, 19, 22), (THU, 19, 22), (SAT, 10, 13)), "Lisbon", "Europe/Lisbon", "she/her", "watching",
    ),
    Person(
        "jonas", "Jonas Brandt", "de en",
        "I build small machines in a shared workshop in Neukölln and like to solder together over a video call.",
        ((MON, 19, 22), (WED, 19, 22), (SUN, 15, 19)), "Berlin", "Europe/Berlin", "he/him", "doing",
    ),
    Person(
        "mai", "Đặng Thị Mai", "vi en",
        "Tailor at the top of Station Road. I can take in a jacket, and better still, "
        "teach you to do it on your own machine.",
        ((TUE, 18, 21), (THU, 18, 21), (SUN, 10, 12)), pronouns="she/her", style="watching",
    ),
    Person(
        "tendai", "Tendai Moyo", "sn en",
        "Swimming teacher at the lido. Most of my pupils are grown-ups who decided that now is the time.",
        ((MON, 13, 16), (WED, 13, 16), (SAT, 16, 19)), HILL, pronouns="he/him", style="doing",
    ),
    Person(
        "fatima", "Fatima Zahra Benali", "fr ar en",
        "I run the small pastry shop opposite the church and decorate cakes until late. "
        "My dream is a delivery van, and the licence to drive it.",
        ((MON, 15, 19), (WED, 15, 19), (SUN, 16, 20)), pronouns="she/her", style="watching",
    ),
    Person(
        "olena", "Olena Koval", "uk ru pl en",
        "I taught piano in Kharkiv for fifteen years and have found a good old upright here. "
        "Children and slow starters are very welcome.",
        ((TUE, 15, 19), (THU, 15, 19), (SAT, 10, 13)), MARSH, pronouns="she/her", style="talking",
    ),
    Person(
        "etienne", "Étienne Tremblay", "fr en",
        "Actor and voice coach in Montréal. A few easy exercises take most of the fear out of speaking to a room.",
        ((MON, 13, 17), (WED, 13, 17), (SAT, 9, 12)), "Montréal", "America/Toronto", "he/him", "talking",
    ),
    Person(
        "yuki", "佐藤 Yuki", "ja en",
        "I teach calligraphy to children in Setagaya and met this guild through a pen friend. "
        "Mornings here are your evenings, which works surprisingly well.",
        ((TUE, 5.5, 8), (THU, 5.5, 8), (SAT, 18, 22)), "Tokyo", "Asia/Tokyo", "she/her", "watching",
    ),
    Person(
        "aino", "Aino Virtanen", "fi sv en",
        "Potter with two wheels and one kiln, by the old quay. Clay forgives a great deal, and so do I.",
        ((WED, 18, 21), (FRI, 14, 18), (SUN, 10, 14)), pronouns="she/her", style="doing",
    ),
    Person(
        "wanjiru", "Wanjiru Kamau", "sw ki en",
        "I help market traders in Nairobi to plan their next step, and run before sunrise. "
        "Bring an idea and we put it on one page.",
        ((MON, 18, 21), (THU, 18, 21), (SAT, 9, 12)), "Nairobi", "Africa/Nairobi", "she/her", "talking",
    ),
    Person(
        "sami", "Sami Yıldız", "tr de en",
        "Cook at the Harbour Kitchen. I can teach you five dinners that are on the table in half an hour.",
        ((MON, 10, 15), (TUE, 10, 15), (SUN, 18, 21)), pronouns="he/him", style="doing",
    ),
    Person(
        "leila", "Leila Tehrani", "fa en",
        "Designer of websites that people can actually find their way around. "
        "I just rented my first allotment and have everything to learn there.",
        ((WED, 18, 21), (SAT, 10, 16)), pronouns="she/her", style="reading",
    ),
    Person(
        "dagny", "Dagny Solberg", "no en",
        "I work on a research ship and am ashore for half of the year, with a spinning wheel and a lot of wool.",
        ((MON, 10, 14), (TUE, 10, 14), (WED, 10, 14)), MARSH, style="doing",
    ),
    Person(
        "marcus", "Marcus Adeyemi-Clarke", "en yo",
        "I make a podcast about the river and the people who live beside it. "
        "If you have a story, I have two good microphones.",
        ((TUE, 18, 22), (THU, 18, 22), (SUN, 13, 17)), pronouns="he/him", style="doing",
    ),
    Person(
        "hannah", "Hannah Goldfarb", "he en",
        "Yoga in the parish hall at eight, herbs on the balcony for the rest of the day. "
        "All ages and all kinds of knees.",
        ((MON, 17, 20), (WED, 17, 20), (FRI, 9, 12)), pronouns="she/her", style="doing",
    ),
    Person(
        "viktor", "Viktor Stoyanov", "bg ru en",
        "Mechanic for anything with wheels. You are welcome under the bonnet with me, clean hands not required.",
        ((WED, 18, 20), (SAT, 9, 14)), MARSH, pronouns="he/him", style="doing",
    ),
    Person(
        "xiaoyu", "Chen Xiaoyu", "zh en",
        "Mathematics student, here for three years. I explain fractions with table-tennis balls, "
        "and it works.",
        ((MON, 16, 19), (TUE, 16, 19), (SAT, 13, 18)), pronouns="she/her", style="reading",
    ),
    Person(
        "gwen", "Gwenllian Pryce", "cy en",
        "I lead the Sunday walks along the Sallow and conduct the choir at the weir. "
        "There is room in both for one more voice.",
        ((THU, 18, 21), (SUN, 8, 13)), WEIR, pronouns="she/her", style="talking",
    ),
    Person(
        "robin", "Robin Ashdown", "en",
        "New in town since last week. I juggled my way through festivals for years and would love to light a stage.",
        (), pronouns="they/them",
    ),
)  # fmt: skip
TAKING_A_BREAK = "dagny"


def load() -> None:
    """Adds the members and names the community; the caller commits."""
    moment, chance = now(), random.Random(SEED)  # noqa: S311 nothing here is secret
    password_hash = passwords.hashed(PASSWORD)
    settings = db.session.get_one(CommunitySettings, THE_ONE)
    settings.name, settings.place = COMMUNITY, f"{TOWN} on the Sallow"
    days = [*sorted(chance.sample(range(LAST_JOINED, FIRST_JOINED), len(PEOPLE) - 1), reverse=True), 1]
    joined = [moment - timedelta(days=ago, minutes=chance.randrange(600)) for ago in days]
    users = [member(*pair, password_hash, moment, chance) for pair in zip(PEOPLE, joined, strict=True)]
    db.session.add_all(users)
    db.session.flush()
    for person, user in zip(PEOPLE, users, strict=True):
        add_languages_and_hours(person, user.id, moment)


def member(person: Person, joined: datetime, password_hash: str, moment: datetime, chance: random.Random) -> User:
    """`chance` puts the last visit within the last days rather than weeks ago."""
    away = timedelta(hours=min(chance.expovariate(1 / 60), 24 * 45))
    address = f"{person.key}@example.org"
    return User(
        name=person.name,
        name_key=fold(person.name),
        email=address,
        email_key=fold(address),
        password_hash=password_hash,
        pronouns=person.pronouns,
        bio=person.bio,
        location=person.place,
        place_key=fold(person.place),
        timezone=person.zone,
        learning_style=person.style,
        role=person.role,
        is_verified=True,
        approved_at=joined,
        paused_at=moment - timedelta(days=20) if person.key == TAKING_A_BREAK else None,
        last_login_at=max(moment - away, joined),
        created_at=joined,
        updated_at=joined,
    )


def add_languages_and_hours(person: Person, user_id: int, moment: datetime) -> None:
    db.session.add_all(UserLanguage(user_id=user_id, language=code) for code in person.languages.split())
    db.session.add_all(
        AvailabilitySlot(user_id=user_id, weekday=weekday, starts=round(starts * 60), ends=round(ends * 60))
        for weekday, starts, ends in person.hours
    )
    db.session.flush()
    availability.refresh(user_id, moment)
