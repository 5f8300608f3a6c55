"""The HTTP edge, spoken to over a real socket."""
