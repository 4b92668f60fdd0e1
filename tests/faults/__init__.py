"""Faults made on purpose: attacks, kills and freezes, each a script that prints its figures."""
