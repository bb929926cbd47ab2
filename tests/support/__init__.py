"""What the tests stand on: databases, the client that checks pages, browsers."""
