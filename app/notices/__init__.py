"""Notices: what a member is told, where it is read, and which of it comes by mail; announcements and digests.

It knows members and skills. Features above register what they tell about (core.registry.NoticeKind) and call
`operations.tell`; a conversation is a piece of text here, `group_key`, that means nothing but "belongs together".
"""
