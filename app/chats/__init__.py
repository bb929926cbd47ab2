"""One-to-one chats: their lines, files and read pointers.

It knows members, and nothing of exchanges or contracts: whoever brings two members together calls
`open_between` and `post_system_line`, and keeps the chat's id.
"""
