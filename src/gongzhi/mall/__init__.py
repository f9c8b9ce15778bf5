"""Merchants, offers, orders, clearing, receivables."""
