"""Text that its parser refuses → the slip its author likely made, in plain words."""
