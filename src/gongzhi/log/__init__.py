"""The tamper-evident log: leaves, tree, checkpoints, witnesses, proofs."""
