"""Finding each other: the member directory and the matches. It writes nothing and never knows a chat or an exchange."""
