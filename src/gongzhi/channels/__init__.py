"""掌上社区: channels of a building, a compound, a community or a topic, inside the system."""
