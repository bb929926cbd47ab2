"""Reports: a member tells the moderators that something is not right, with the text as it was, and they settle it.

It knows members and their skills. What else can be reported later (a message) hands over its own words and its author.
"""
