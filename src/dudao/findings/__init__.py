"""The loop: findings, the measures on them, and cases of accountability beside them."""
