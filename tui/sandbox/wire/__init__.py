"""The wire: HTTP, AWS's protocols, and botocore's models of the services."""
