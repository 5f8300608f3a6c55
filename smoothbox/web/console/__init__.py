"""The console: a business runs its day and its API in a browser. It owns no rule: every page calls what the API calls."""
