"""The command line: starts the box and administers it."""
