"""On line rounds: statements, votes, opinion groups and consensus."""
