"""Posts (offers and requests of the moment), exchanges agreed in a chat, and recorded hours.

It holds the id of a chat and posts through the wallet's operations; neither of them knows it.
"""
