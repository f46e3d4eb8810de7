"""An institution's own codes, as they were on one day: read from a file, asked for every code of an order."""
