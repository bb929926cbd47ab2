"""What members do with posts and exchanges, a module for each verb. Nothing here commits but the ticks."""
