#ifndef BJ_CORE_BYTES_LIMITS_H
#define BJ_CORE_BYTES_LIMITS_H

/*
 * Every bound that a loop over a peer's number obeys, in one place, each
 * with its arithmetic. A limit here is ours or an RFC's; a loop also checks
 * the bytes that are left.
 */

/* RFC 1035 section 2.3.4: octets in a label, and in a name on the wire with
 * its length octets and the final zero. */
#define BJ_LABEL_MAX 63
#define BJ_NAME_MAX 255

/* Labels in a name: 127 of one octet take 2 * 127 = 254, and the root 1. */
#define BJ_NAME_LABELS_MAX 127

/* Compression pointers on the way through one name: one in place before any
 * label, one behind each of 127 labels. More means pointers to pointers. */
#define BJ_NAME_POINTERS_MAX 128

/* Offsets that a compression pointer, of 14 bits, can name. */
#define BJ_NAME_OFFSETS 16384

/* A name as text: 250 octets of label data (255 less four length octets of
 * 63+63+63+61 and the root), each up to four characters as \DDD, three dots
 * between the labels and one at the end, and the NUL: 250 * 4 + 4 + 1. */
#define BJ_NAME_TEXT_MAX 1005

/* A host name as text without escapes or final dot, and its NUL. */
#define BJ_HOST_TEXT_MAX 254

/* A DNS message's header (RFC 1035 section 4.1.1): nothing that a name could
 * be lies before it. */
#define BJ_HEADER_LEN 12

/* A DNS message: the two-octet length of RFC 1035 section 4.2.2. */
#define BJ_MESSAGE_MAX 65535

/* CNAME records followed from a question to its addresses. Real chains have
 * at most a handful; BIND follows 16. */
#define BJ_CNAME_MAX 16

/* A query of ours: header, one name, type and class, and an OPT record without
 * options (11): 12 + 255 + 4 + 11. */
#define BJ_QUERY_MAX 282

/* The UDP payload we say we accept: what fits an IPv6 packet of 1280 octets
 * (the least MTU of RFC 8200 section 5) less 40 for IPv6 and 8 for UDP. */
#define BJ_EDNS_UDP_SIZE 1232

/* Addresses in one message: an A record takes at least 15 octets, with the
 * root as owner: 1 + 10 + 4; (65535 - 12) / 15. */
#define BJ_ANSWER_ADDRESSES_MAX 4368

/* PTR records taken for one address. Each may expand to 253 characters from
 * two octets, so the work on an answer needs a bound of its own. */
#define BJ_PTR_MAX 256

/* An address literal as text with its NUL: eight groups of four digits with
 * seven colons is 39, an embedded IPv4 tail makes 45. */
#define BJ_IP4_TEXT_MAX 16
#define BJ_IP6_TEXT_MAX 46

/* A zone as text: an interface name has at most 15 characters (IFNAMSIZ less
 * its NUL), a numeric scope at most 10 digits. */
#define BJ_ZONE_MAX 15

/* "[" address "%" zone "]:" port and NUL: 1 + 45 + 1 + 15 + 2 + 5 + 1. */
#define BJ_ENDPOINT_TEXT_MAX 70

/* A packet in a capture: the largest snapshot length tcpdump and libpcap
 * write (MAXIMUM_SNAPLEN), four times what IP can carry. */
#define BJ_PCAP_PACKET_MAX 262144

/* A pcapng block that must be held whole: a packet of the size above, its 32
 * octets of framing, and as much again for options (comments). */
#define BJ_PCAP_BLOCK_MAX 524320

/* Interfaces that one pcapng section describes; 16 octets kept for each. */
#define BJ_PCAP_INTERFACES_MAX 256

/* VLAN tags on a frame. 802.1ad nests two; some carriers add a third. */
#define BJ_PACKET_TAGS_MAX 4

/* IPv6 extension headers in a packet. RFC 8200 section 4.1 knows seven, one
 * of which may come twice; each takes at least eight octets. */
#define BJ_PACKET_EXTENSIONS_MAX 8

/* A configuration file that we index: offsets are 32 bits wide, and the
 * longest blocklists that people load as hosts files are some 30 MB. */
#define BJ_CONFIG_TEXT_MAX (64U * 1024U * 1024U)

/* One of its lines, without the newline: some 2000 aliases of 32 octets. A
 * longer one is passed over whole, never cut into a line that says
 * something else. */
#define BJ_CONFIG_LINE_MAX 65535

/* resolv.conf(5), glibc's MAXNS, MAXRESOLVSORT and RES_MAX*. */
#define BJ_NAMESERVERS_MAX 3
#define BJ_SORTLIST_MAX 10
#define BJ_NDOTS_MAX 15
#define BJ_TIMEOUT_MAX 30
#define BJ_ATTEMPTS_MAX 5

/* Domains of a search list: each costs a lookup of every name a question
 * or two. glibc took 6 up to 2.25 and any number since. */
#define BJ_SEARCH_MAX 32

/* Services on an nsswitch.conf line; the longest shipped by a distribution
 * names 7. */
#define BJ_NSS_SERVICES_MAX 16

/* Rows of one table in gai.conf; RFC 6724's own tables have 9. */
#define BJ_GAI_ROWS_MAX 64

/* An address, "%" and a numeric scope of 32 bits, and NUL: 45 + 1 + 10 + 1. */
#define BJ_ADDRESS_TEXT_MAX 57

/* An address, "/" and a length of at most 128, and NUL: 45 + 1 + 3 + 1. */
#define BJ_PREFIX_TEXT_MAX 50

/* Addresses of one name that a connect race tries: each may hold a descriptor
 * at once, and at four starts a second 64 take 16 seconds to start. Names
 * with more are rare (a load balancer's dozen); the rest is left out. */
#define BJ_RACE_MAX 64

/* Steps of a race: each address is started, has a result and is closed at
 * most once, and the timer comes due once for each and once at the end: four
 * a piece. Twice that leaves room for reports that come late. */
#define BJ_RACE_STEPS_MAX (8 * BJ_RACE_MAX + 8)

/* Messages that are not the reply, before a server is given up: somebody is
 * guessing, and each guess has a chance of one in 2^16 or less (RFC 5452
 * section 7). 1000 leaves that somebody at most 1.5 per cent, case bits
 * aside, and an honest server all the room that it needs. */
#define BJ_EXCHANGE_FOREIGN_MAX 1000

/* Queries for one question: rounds times servers times three (with EDNS,
 * without, over TCP): 5 * 3 * 3. */
#define BJ_EXCHANGE_QUERIES_MAX 45

/* A reply over TCP: its length and the longest message. */
#define BJ_EXCHANGE_STREAM_LEN (2 + BJ_MESSAGE_MAX)

#endif
