#!/bin/sh
# Lets a node that gives the shared address away finish what it has begun. keepalived runs it, as root.
#
# When the address moves, clients send to the new node what belongs to connections of the old one. The new node would
# answer with a reset, as it knows nothing of them. Here it hands such packets on to the old node as they are, which
# always has the address on lo as well, and answers the client from there: downloads and WebSockets go on until they
# end, or until the old Headgate does. An old node that is out of reach gets a second; then what it had is reset.
set -eu

# Longer than shutdown.grace and shutdown.drain together.
longest=60s

# Says that a packet was handed on, so that it never is twice: a codepoint for local use (RFC 4594, section 2.1).
mark=0x2b

# Neighbours learn of an address from the interface that has it only, and never of one on lo.
hide_lo() {
  echo 1 >"/proc/sys/net/ipv4/conf/$1/arp_ignore"
  echo 2 >"/proc/sys/net/ipv4/conf/$1/arp_announce"
}

# Of the packets for an address that is arriving, those that open nothing and for which there is no socket but one that
# listens on every address.
load_table() {
  nft -f - <<END
table ip headgate
delete table ip headgate
table ip headgate {
  set arriving { type ipv4_addr; flags timeout; elements = { $2 } }
  chain handover {
    type filter hook prerouting priority mangle
    ip daddr @arriving ip dscp != $mark tcp flags & (syn | rst) == 0 socket wildcard 1 ip dscp set $mark \
      dup to $3 device "$1" drop
  }
}
END
}

# Hands on what comes for an address from now on, for so long where that is said. An element that is there already would
# keep the end that it has.
arrive() {
  nft "add element ip headgate arriving { $1 }"
  nft "delete element ip headgate arriving { $1 }; add element ip headgate arriving { $1 ${2:+timeout $2} }"
}

case "$1" in
  start) # INTERFACE ADDRESS PEER
    hide_lo "$2"
    load_table "$2" "$3" "$4"
    ;;
  moved) # ADDRESS PEER INSTANCE NAME STATE PRIORITY
    if [ "$6" = MASTER ]; then
      arrive "$2" 1s
      if ping -c 1 -W 1 -q "$3" >/dev/null; then arrive "$2" "$longest"; fi
    else
      arrive "$2"
    fi
    ;;
  stop)
    nft delete table ip headgate
    ;;
esac
