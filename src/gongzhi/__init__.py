"""Gongzhi 共治: the affairs of a county, its towns and villages, run in the open."""

__version__ = "0.1.0"
