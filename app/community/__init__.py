"""The community itself: its name, place and what its coordinators decide. It never knows a member or a feature."""
