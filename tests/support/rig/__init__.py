"""What the outside tests share: a server of one's own, a mail sink, plain HTTP, and counting. Standard library only."""
