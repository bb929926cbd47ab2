"""The shape of what coordinators send."""
