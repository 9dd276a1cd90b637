#ifndef BJ_CORE_NETDB_HOSTNAME_H
#define BJ_CORE_NETDB_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Which texts may leave us as a name. What a name server or a hosts file
 * says ends up in shells, logs and web pages of programs that never check.
 */

/*
 * Whether all of `text` is a host name as glibc's res_hnok has it: letters,
 * digits, "-" and "_" in labels of 1 to 63 (RFC 952, RFC 1123 section 2.1,
 * and the underscore that is in use), at most 253 characters and perhaps a
 * final dot, the first character no "-". The root, ".", is none.
 */
bool bj_hostname_valid(const char *text, size_t len);

/*
 * Whether `text` may be h_name, an alias or ai_canonname: a host name, or an
 * IPv6 literal, which callers get back as they wrote it (an IPv4 literal is
 * a host name by its characters). Of a literal only the characters are
 * checked: hexadecimal digits, ":", ".", and perhaps "%" and a zone.
 */
bool bj_hostname_presentable(const char *text, size_t len);

#endif
