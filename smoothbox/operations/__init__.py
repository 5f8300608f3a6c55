"""The verbs: each a plain function that runs whole inside one transaction."""
