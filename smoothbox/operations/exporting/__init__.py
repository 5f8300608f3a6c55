"""Everything of one kind that a tenant has, handed out page by page."""
