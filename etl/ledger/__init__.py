"""What was sent, what came of it, and what must not be sent again: the memory between runs."""
