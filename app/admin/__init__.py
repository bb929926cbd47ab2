"""Pages for those who look after the community: moderators (people, reports, skills) and administrators (settings).

Nothing is decided here: the rules live in the packages below. Members without the role find no such pages (404).
"""
