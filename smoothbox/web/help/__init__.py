"""The help pages: prose in templates, tables out of what the server itself uses, examples in three languages."""
