"""The books: reports and statements for those who keep or watch them, paper books brought in."""
