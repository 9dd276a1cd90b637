#ifndef BJ_CORE_RECORDS_JSON_H
#define BJ_CORE_RECORDS_JSON_H

#include "core/bytes/writer.h"
#include "core/dns/message.h"
#include "core/records/fields.h"

/*
 * Records as JSON objects (RFC 8259), in ASCII. Names are presentation text;
 * strings have one character for each octet, \u0080 to \u00ff for those
 * above ASCII; keys, digests and what we do not know are text as in zone
 * files; times are YYYYMMDDHHMMSS. A record that cannot be read latches
 * BJ_BAD in the writer.
 */

/* A JSON string of the `len` octets of text. */
void bj_json_string(struct bj_writer *w, const uint8_t *text, size_t len);

/* The value of one field. */
void bj_json_field(struct bj_writer *w, const struct bj_field *field);

/* {"name":...,"type":...,"class":...,"ttl":...,"rdata":{...}}; an OPT has
 * "udp", "version", "flags" and "options" in place of the last three. */
void bj_json_record(struct bj_writer *w, struct bj_message *m,
                    const struct bj_record *record);

/* {"name":...,"type":...,"class":...}. */
void bj_json_question(struct bj_writer *w, struct bj_message *m,
                      const struct bj_question *question);

#endif
