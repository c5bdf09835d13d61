"""A world in which aifw-apid is on the gateway, as it is where it is used."""

from .world import World


class InnerWorld(World):
    """aifw-apid is in the gateway's namespace; it is spoken to by the CLI, through its Unix socket."""

    # Its port is out of reach.
    contract = None

    def _where_api_is(self, command):
        return self.gateway.inside(*command)

    def vpn(self, *arguments):
        return self.aifw("vpn", *arguments)
