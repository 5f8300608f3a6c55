"""A business that lives elsewhere, read over the API that both boxes speak."""
