"""Two clients that send whatever they like.

One has taken the API daemon over, and talks to the helper: `storm.py` drives it, `account.py` gives it the daemon's
account; what it sends is made in `noise.py` (bytes), `mutants.py` (golden frames, damaged), `forbidden.py`
(well-formed, but not to be done), `games.py` (connections) and `walk.py` (what the daemon itself would ask).

The other talks to the API daemon: `calls.py` reads what there is to call and has a good body for each, `bodies.py`
damages it, `places.py` has queries, ids and headers, and `plain.py` sends them.
"""
