"""One module for each file format: articles to Documents, FAQ tables to entries."""
