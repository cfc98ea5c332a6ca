#!/bin/sh
# Lets a node that gives the shared address away finish what it has begun. keepalived runs it, as root.
#
# When the address moves, clients send what belongs to the old node's connections to the new node, which knows nothing of
# them and would answer with a reset: the client would drop an answer that is on its way to it. So a node resets nothing in
# the name of the address until it has had it for a second. The old node sends its answers from the address on lo.
# New connections are refused as ever where nobody listens: that reset has the ACK flag (RFC 9293, section 3.10.7.1).
set -eu

# Neighbours learn of an address from the interface that has it only, and never of one on lo.
hide_lo() {
  echo 1 >"/proc/sys/net/ipv4/conf/$1/arp_ignore"
  echo 2 >"/proc/sys/net/ipv4/conf/$1/arp_announce"
}

load_table() {
  nft -f - <<END
table inet headgate
delete table inet headgate
table inet headgate {
  set arriving { type ipv4_addr; flags timeout; elements = { $1 } }
  chain output {
    type filter hook output priority filter
    ip saddr @arriving tcp flags & (rst | ack) == rst drop
  }
}
END
}

case "$1" in
  start) # INTERFACE ADDRESS
    hide_lo "$2"
    load_table "$3"
    ;;
  moved) # ADDRESS INSTANCE NAME STATE PRIORITY
    nft "add element inet headgate arriving { $2 }"
    if [ "$5" = MASTER ]; then
      nft "delete element inet headgate arriving { $2 }; add element inet headgate arriving { $2 timeout 1s }"
    fi
    ;;
  stop)
    nft delete table inet headgate
    ;;
esac
