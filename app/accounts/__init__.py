"""Members: who they are, how they sign in, what they say about themselves, whom they block.

It never knows what members do with each other: that is for the packages above.
"""
