"""Guildhall: a community's skills, matches and (as the packages come) chats, exchanges, work and wallet in one place."""
