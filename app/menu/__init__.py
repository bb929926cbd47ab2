"""What members find where: the navigation with its badges' names, the verbs behind "+", the features with a switch."""

from app.menu.features import add_switches
from app.menu.places import add_navigation

__all__ = ["add_navigation", "add_switches"]
