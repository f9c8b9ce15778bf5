"""Sessions: notice, agenda, sign-in, quorum, questions, pledges, minutes."""
