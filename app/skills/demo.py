"""What the members of the demo community offer and want.

Most of them fit several others in both directions, a few in one only, and the newcomer nobody yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import User
from app.core.db import db
from app.core.text import fold
from app.skills.models import OFFER, WANT, SkillAlias, UserSkill
from app.skills.operations import ensure_catalogue

# What matters most to somebody stands first.
PRIORITIES = (3, 2, 2, 1, 1, 1)


@dataclass(frozen=True)
class Hand:
    """Catalogue names, each with its level: how well one can it, or where one stands."""

    offers: str
    wants: str


HANDS = {
    "admin": Hand(
        "Computer repair 5, Electronics 4, Linux administration 5, Dutch 5",
        "Public speaking 2, Sourdough bread 1, Carpentry 2, Portuguese 1, Meditation 1",
    ),
    "mod": Hand(
        "Arabic 5, Arabic cooking 4, Hosting newcomers 5, Conflict mediation 4, French 4",
        "Pottery 1, Swimming 1, Spreadsheets 2, Piano 1",
    ),
    "alice": Hand(
        "French 5, Bread baking 4, Sourdough bread 4, Watercolour painting 3, Essay feedback 4",
        "Bicycle repair 1, Python 1, Guitar 2, Vegetable growing 1, Yoga 2",
    ),
    "bob": Hand(
        "Python 5, Guitar 4, Bicycle repair 4, SQL 4, Web development 4",
        "French 1, Bread baking 1, Watercolour painting 1, Spanish 2, Everyday cooking 2",
    ),
    "carol": Hand(
        "Vegetable growing 5, Beekeeping 5, Swedish 5, Seed saving 4, Knitting 4",
        "Photography 2, Tax returns 1, Piano 2, Spinning wool 1, Folk dancing 1",
    ),
    "harold": Hand(
        "Furniture restoration 5, Carpentry 5, Chess 4, Local history 5, Pruning 5",
        "Smartphone help 1, Watercolour painting 1, Genealogy 2, Bread baking 1, Computer repair 1",
    ),
    "priya": Hand(
        "Data analysis 5, Statistics 5, Indian cooking 5, Spreadsheets 5, Maths tutoring 4",
        "Pottery 1, Piano 1, Sourdough bread 1, Yoga 2, Arabic cooking 1",
    ),
    "tomas": Hand(
        "Spanish 5, Spanish cooking 5, Guitar 3, Football 4",
        "Photography 2, Carpentry 1, Proofreading 2, Bread baking 1, Choir singing 2",
    ),
    "ama": Hand(
        "First aid 5, Choir singing 4, Sewing 4, Nutrition 4",
        "Swimming 1, Bicycle repair 1, Spanish 1, Yoga 2",
    ),
    "lukasz": Hand(
        "Carpentry 5, Small home repairs 5, Plumbing 4, Polish 5, Guitar 2",
        "Spreadsheets 1, Conversation practice 3, Bookkeeping 1, Computer repair 1",
    ),
    "siobhan": Hand(
        "Violin 5, Folk dancing 5, Music theory 4, Storytelling 4",
        "Web design 1, Photography 1, First aid 2, Vegetable growing 2",
    ),
    "grace": Hand(
        "Proofreading 5, Conversation practice 5, Curriculum vitae 5, Plain language 4",
        "Spanish 2, Japanese 2, Knitting 1, Watercolour painting 2",
    ),
    "noor": Hand(
        "Illustration 5, Watercolour painting 5, Screen printing 4, Graphic design 4",
        "Carpentry 1, Calligraphy 2, Beekeeping 1, Web development 1, Proofreading 2",
    ),
    "imran": Hand(
        "Bookkeeping 5, Tax returns 5, Spreadsheets 4, Cricket 4, Urdu 5",
        "Vegetable growing 1, Photography 2, Spanish 1, Small home repairs 1, Arabic 2",
    ),
    "rosa": Hand(
        "Spanish 5, Knitting 5, Mexican cooking 4, Babysitting 5",
        "Smartphone help 1, Watercolour painting 1, Conversation practice 3, Guitar 1, Choir singing 2",
    ),
    "do-carmo": Hand(
        "Photography 5, Portuguese 5, Portrait photography 5, Image editing 4",
        "Python 1, Violin 1, German 2, Spanish cooking 2",
    ),
    "jonas": Hand(
        "German 5, Electronics 5, Arduino 5, Soldering 5, Python 3",
        "Portuguese 1, Public speaking 1, Chess 2, Photography 1",
    ),
    "mai": Hand(
        "Tailoring 5, Sewing 5, Clothes mending 5, Vietnamese 5",
        "Conversation practice 2, Bookkeeping 1, Piano 1, Curriculum vitae 1",
    ),
    "tendai": Hand(
        "Swimming 5, Fitness training 5, Driving practice 4, Football 3",
        "Spreadsheets 1, Photography 1, German 1, Pastry 1, Nutrition 2",
    ),
    "fatima": Hand(
        "Pastry 5, Cake decorating 5, French 4, Bread baking 5",
        "Driving practice 1, Bookkeeping 2, Business planning 1, Guitar 1, Swimming 1",
    ),
    "olena": Hand(
        "Piano 5, Music theory 5, Ukrainian 5, Crochet 3",
        "Conversation practice 2, Bicycle repair 1, Curriculum vitae 2, Pottery 1, Vegetable growing 2",
    ),
    "etienne": Hand(
        "Public speaking 5, French 5, Improvised theatre 4, Voice-over 4",
        "Spanish 2, Python 1, Sourdough bread 2, Podcasting 1, Japanese 1",
    ),
    "yuki": Hand(
        "Japanese 5, Calligraphy 5, Origami 5, Japanese cooking 4",
        "Conversation practice 3, French 1, Watercolour painting 2",
    ),
    "aino": Hand(
        "Pottery 5, Finnish 5, Wood carving 3, Swimming 3",
        "Web design 1, Arabic cooking 1, Spreadsheets 2, Piano 1, Conversation practice 3",
    ),
    "wanjiru": Hand(
        "Business planning 5, Swahili 5, Running 4, Public speaking 4",
        "French 1, Data analysis 2, Web design 1, Python 1, Spreadsheets 2",
    ),
    "sami": Hand(
        "Everyday cooking 5, Turkish cooking 5, Coffee making 5, Turkish 5, German 4",
        "Swimming 1, Bookkeeping 1, Social media 1, Guitar 1",
    ),
    "leila": Hand(
        "Web design 5, UX design 5, Photography 3, Social media 4, Persian 5",
        "Vegetable growing 1, Pottery 1, Violin 2, Tax returns 2, Clothes mending 1",
    ),
    "dagny": Hand(
        "Spinning wool 5, Knitting 5, Norwegian 5",
        "Guitar 1, Photography 2, Vegetable growing 1",
    ),
    "marcus": Hand(
        "Podcasting 5, Video editing 5, Audio recording 4, Smartphone help 4, Social media 4",
        "Piano 1, Everyday cooking 1, Local history 2, Spanish 1, Voice-over 2",
    ),
    "hannah": Hand(
        "Yoga 5, Meditation 4, Herb growing 4, Hebrew 5",
        "Bread baking 1, Knitting 1, Choir singing 2, Computer repair 1, Indian cooking 1",
    ),
    "viktor": Hand(
        "Car repair 5, Bicycle repair 5, Driving practice 3, Bulgarian 5",
        "Chess 3, Piano 1, Conversation practice 2, Bread baking 1, First aid 1",
    ),
    "xiaoyu": Hand(
        "Mathematics 5, Maths tutoring 5, Table tennis 4, Mandarin Chinese 5, Spreadsheets 3",
        "Public speaking 1, Guitar 1, Swimming 1, Everyday cooking 2",
    ),
    "gwen": Hand(
        "Choir singing 5, Conducting 4, Hiking 5, Bird watching 5, Welsh 5",
        "Sourdough bread 1, Video editing 1, Pottery 1, Beekeeping 2",
    ),
    "robin": Hand(
        "Juggling 4, Ukulele 3",
        "Stage lighting 1, Puppetry 2",
    ),
}

NOTES = {
    ("alice", OFFER, "French"): "Happy to start from zero.",
    ("alice", OFFER, "Bread baking"): "My oven or yours; bring a bowl with a lid.",
    ("alice", WANT, "Bicycle repair"): "Brakes and gears first, please.",
    ("bob", OFFER, "Guitar"): "Chords and songs; I have a spare guitar.",
    ("bob", OFFER, "Python"): "Best with a small thing that you want to build.",
    ("bob", WANT, "French"): "For a week in Lyon in summer.",
    ("carol", OFFER, "Beekeeping"): "I have a second veil. From April on.",
    ("harold", WANT, "Smartphone help"): "Photographs and calls with my grandchildren.",
    ("priya", OFFER, "Maths tutoring"): "From fractions to A levels.",
    ("tomas", OFFER, "Spanish"): "Walking along the river is the best classroom.",
    ("ama", OFFER, "First aid"): "Babies and small children too.",
    ("lukasz", OFFER, "Carpentry"): "Tools and wood are here; closed shoes, please.",
    ("grace", OFFER, "Conversation practice"): "By video, my evening is your morning.",
    ("imran", OFFER, "Tax returns"): "For people and small charities.",
    ("rosa", OFFER, "Knitting"): "Happy to start from zero.",
    ("do-carmo", OFFER, "Photography"): "By video; we look at your own pictures.",
    ("jonas", OFFER, "Arduino"): "I can send a starter kit by post.",
    ("tendai", OFFER, "Swimming"): "Grown-ups who never learned are very welcome.",
    ("fatima", WANT, "Driving practice"): "Theory is passed, now the road.",
    ("olena", OFFER, "Piano"): "Children from six, grown-ups at any age.",
    ("aino", OFFER, "Pottery"): "Clay is included, firing at cost.",
    ("sami", OFFER, "Everyday cooking"): "Five dinners, half an hour each.",
    ("leila", WANT, "Vegetable growing"): "The allotment is 60 square metres of nettles.",
    ("marcus", OFFER, "Smartphone help"): "Slowly, and with notes to take home.",
    ("hannah", OFFER, "Yoga"): "Chairs are allowed.",
    ("viktor", OFFER, "Bicycle repair"): "Bring the bicycle, you do it yourself.",
    ("xiaoyu", WANT, "Public speaking"): "I present my thesis in spring.",
    ("gwen", OFFER, "Choir singing"): "No need to read music.",
}


def load() -> None:
    """Adds the catalogue and the members' skills; the caller commits. Raises LookupError for a skill not in it."""
    ensure_catalogue()
    ids = skill_ids()
    keys = [f"{person}@example.org" for person in HANDS]
    known = select(User.email_key, User.id, User.created_at).where(User.email_key.in_(keys))
    members = {key: (member_id, joined) for key, member_id, joined in db.session.execute(known)}
    for person, key in zip(HANDS, keys, strict=True):
        db.session.add_all(rows(person, *members[key], ids))


def rows(person: str, member_id: int, joined: datetime, ids: dict[str, int]) -> Iterator[UserSkill]:
    hand = HANDS[person]
    for kind, text in ((OFFER, hand.offers), (WANT, hand.wants)):
        for priority, (name, level) in zip(PRIORITIES, entries(text), strict=False):
            yield UserSkill(
                user_id=member_id,
                kind=kind,
                skill_id=ids[name],
                level=level,
                priority=priority,
                note=NOTES.get((person, kind, name), ""),
                created_at=joined,
            )


def entries(text: str) -> Iterator[tuple[str, int]]:
    """The names and levels in "Guitar 3, Football 4"."""
    for entry in text.split(", "):
        name, _, level = entry.rpartition(" ")
        yield name, int(level)


def skill_ids() -> dict[str, int]:
    """The catalogue's id for every name used here."""
    names = {name for hand in HANDS.values() for text in (hand.offers, hand.wants) for name, _ in entries(text)}
    found = select(SkillAlias.alias_key, SkillAlias.skill_id).where(SkillAlias.alias_key.in_(map(fold, names)))
    by_alias = dict(db.session.execute(found).all())
    if unknown := sorted(name for name in names if fold(name) not in by_alias):
        raise LookupError(f"The catalogue does not know: {', '.join(unknown)}")
    return {name: by_alias[fold(name)] for name in names}
