"""A client that has taken the API daemon over, and sends the helper whatever it likes.

`storm.py` drives it, `account.py` gives it the daemon's account; what it sends is made in `noise.py` (bytes),
`mutants.py` (golden frames, damaged), `forbidden.py` (well-formed, but not to be done) and `walk.py` (what the daemon
itself would ask).
"""
