"""Points: what a resident sees of his own, the community's seven boards, the desk."""
