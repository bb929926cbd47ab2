"""The catalogue of skills with its aliases, and what each member offers and wants. It never knows a match."""
