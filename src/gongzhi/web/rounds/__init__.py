"""On line rounds: statements, agree or disagree, the picture of opinions."""
