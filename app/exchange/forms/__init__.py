"""What members send about posts and exchanges."""
