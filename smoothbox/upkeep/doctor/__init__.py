"""The doctor: what ails a box, and what helps. It looks beside a running server, without one, and at a restored folder."""
