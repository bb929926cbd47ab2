"""What visitors and members may send: the shape of it; the rules are those of the operations."""
