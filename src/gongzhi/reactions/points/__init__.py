"""What follows from points for others: what hangs on the board, who is told."""
