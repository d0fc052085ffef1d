"""The service: extraction called by other programs over HTTP, and a page for people."""
