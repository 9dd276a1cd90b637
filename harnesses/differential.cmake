# The C library itself is the peer: nothing to find.
bj_differential(diff_addr_ip4.c)
bj_differential(diff_addr_ip6.c)
bj_differential(diff_netdb_nameinfo.c)
bj_differential(diff_netdb_request.c)
bj_differential(diff_records_text.c ldns)
bj_differential(diff_dns_message.c resolv cares ldns)
bj_differential(diff_dns_name.c resolv cares ldns)
bj_differential(diff_pcap_file.c pcap)
