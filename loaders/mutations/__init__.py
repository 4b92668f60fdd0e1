"""Changes that arrive by hand, one at a time: checked as a row is, written through the same door.

A mutation is a small load. It works on a copy of the lives that it speaks of (`working`), as of one
published commit; what differs in the end becomes changes, is judged by the rules across rows, and
is put on the terms that nobody changed the same things meanwhile (`writing`).
"""
