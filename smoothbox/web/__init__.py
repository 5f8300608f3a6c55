"""Pages for people: help, the console of a business, a customer's own booking, calendar feeds."""
