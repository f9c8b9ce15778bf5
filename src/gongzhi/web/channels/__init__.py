"""掌上社区: the pages of channels."""
