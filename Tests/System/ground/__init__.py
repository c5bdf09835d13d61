"""The ground that the system tests stand on: namespaces, daemons, clients, and the ways to talk to them."""
