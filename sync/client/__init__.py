"""A console's side of the sync: decides at once, queues, and takes the server's word when it comes."""
