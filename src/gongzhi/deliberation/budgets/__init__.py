"""The money of a community: ideas, costs, votes, allocation, project accounts."""
