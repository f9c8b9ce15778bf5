"""Double entry per unit: points, hours, yuan, shares; rules and awards."""
