"""Webhooks on their way out: when, where to, signed how, and what follows from the answer."""
