"""Measures of the product's own costs, told as ratios."""
