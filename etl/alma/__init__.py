"""Payloads → orders in Ex Libris Alma: the only room that speaks its HTTP interface."""
