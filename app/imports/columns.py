"""The columns that a list of members may have, and the words by which a header may call them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.skills.spelling import plain_key

NUMBER, NAME, EMAIL, PHONE, PLACE = "number", "name", "email", "phone", "place"
LANGUAGES, JOINED, OFFERS, WANTS, ABOUT, NOTE = "languages", "joined", "offers", "wants", "about", "note"
BALANCE, LOCALE, OTHER_PHONE, WHOLE_ROW = "balance", "locale", "other phone", ""

# In English and Spanish, without accents and capitals; the first one is that of the template.
HEADERS: dict[str, tuple[str, ...]] = {
    NUMBER: ("number", "no", "no.", "nr", "member number", "numero", "n", "nº", "num", "numero de socio"),
    NAME: ("name", "full name", "member", "nombre", "nombre completo", "nombre y apellidos", "socio"),
    EMAIL: ("email", "e-mail", "mail", "email address", "e-mail address", "correo", "correo electronico"),
    PHONE: ("phone", "telephone", "phone number", "mobile", "telefono", "movil", "telefono movil"),
    PLACE: ("place", "town", "city", "location", "lugar", "localidad", "ciudad", "poblacion", "barrio"),
    LANGUAGES: ("languages", "language", "idiomas", "idioma", "lenguas"),
    JOINED: ("joined", "join date", "member since", "since", "alta", "fecha de alta", "desde", "ingreso"),
    OFFERS: ("offers", "offer", "can help with", "ofrece", "ofertas", "oferta"),
    WANTS: ("wants", "want", "needs", "would like", "busca", "quiere", "necesita", "demandas"),
    ABOUT: ("about", "bio", "about me", "sobre mi", "acerca de", "descripcion", "presentacion"),
    BALANCE: ("balance", "hours", "balance in hours", "saldo", "horas", "saldo en horas"),
    NOTE: ("note", "notes", "coordinators note", "nota", "notas", "observaciones"),
}
EXAMPLE = {
    NUMBER: "12",
    NAME: "Ana Pérez",
    EMAIL: "ana@example.org",
    PHONE: "600 123 456",
    PLACE: "Riverton",
    LANGUAGES: "Spanish, English",
    JOINED: "2019-03-01",
    OFFERS: "Gardening, Spanish",
    WANTS: "Bicycle repair",
    ABOUT: "I have time on Fridays.",
    BALANCE: "3:30",
    NOTE: "Prefers to be called.",
}
TEXTS: dict[str, Any] = {
    NUMBER: _l("The member's number with you. Without one the next free number is given."),
    NAME: _l("The only column that has to be there."),
    EMAIL: _l("Empty for somebody who has none: a member all the same, without sign-in and mail."),
    PHONE: _l("For coordinators; the member decides later whether others see it."),
    PLACE: _l("A part of town or a village."),
    LANGUAGES: _l("In English, in Spanish, in themselves or as a code, with a comma between two."),
    JOINED: _l("When the member joined, as 2019-03-01 or, the day first, 1.3.2019 or 1/3/2019."),
    OFFERS: _l("Skills, with a comma between two; any spelling that the catalogue knows, and new ones."),
    WANTS: _l("As offers."),
    ABOUT: _l("A few words that others may read."),
    BALANCE: _l("Hours that the member has, as 3:30 or 3.5; with a minus what is owed. Booked once."),
    NOTE: _l("For coordinators only."),
}
# What TimeOverflow writes, in this order and under headings in the community's language.
TIMEOVERFLOW_ORDER = (NUMBER, NAME, EMAIL, PHONE, OTHER_PHONE, JOINED, "last sign-in", LOCALE, BALANCE)


def known(header: str) -> str:
    """The column that `header` means, "" for none of ours."""
    spelled = plain_key(header.replace("_", " "))
    return next((column for column, spellings in HEADERS.items() if spelled in map(plain_key, spellings)), "")
