"""From what was sent to declared values, every problem told at once: query strings, and documents of a declared shape."""
