"""What the API declares: bodies, lists, scopes. Read by the server, the command line and the documentation alike."""
