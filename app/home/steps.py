"""A step that somebody does once, as the dashboard lists it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FirstStep:
    """`done` ones are shown ticked, `urgent` ones in red until they are."""

    label: str
    why: str
    icon: str
    url: str
    done: bool
    urgent: bool = False
