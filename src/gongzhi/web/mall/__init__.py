"""The mall: catalogue, orders, merchants, clearing."""
