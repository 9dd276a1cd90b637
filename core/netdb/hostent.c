#include "core/netdb/hostent.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "core/netdb/hostname.h"

/* What the hostent is made of: the answer's parts that belong in it. */
struct parts {
    struct bj_text name;
    const struct bj_text *aliases;
    size_t alias_count;
    size_t address_count;
    size_t address_len;
};

static enum bj_status choose(const struct bj_answer *answer,
                             enum bj_family family, struct parts *p)
{
    p->name = answer->canonical;
    p->aliases = answer->aliases;
    p->alias_count = answer->alias_count;
    if (p->name.len == 0 && p->alias_count > 0) {
        p->name = p->aliases[0];
        p->aliases += 1;
        p->alias_count -= 1;
    }
    p->address_len = family == BJ_FAMILY_IP4 ? 4 : 16;
    p->address_count = 0;
    for (size_t i = 0; i < answer->address_count; i++)
        p->address_count += answer->addresses[i].family == family;
    if (p->address_count == 0)
        return BJ_NONE;
    if (!bj_hostname_presentable(p->name.text, p->name.len))
        return BJ_BAD;
    for (size_t i = 0; i < p->alias_count; i++)
        if (!bj_hostname_presentable(p->aliases[i].text, p->aliases[i].len))
            return BJ_BAD;
    return BJ_OK;
}

/* Fills a list that has room for every address of the family and a NULL,
 * which the arena's zeroes are. */
static void place_addresses(const struct bj_answer *answer,
                            enum bj_family family, size_t len, char **list,
                            char *octets)
{
    size_t n = 0;

    for (size_t i = 0; i < answer->address_count; i++) {
        if (answer->addresses[i].family != family)
            continue;
        list[n] = octets + n * len;
        memcpy(list[n], answer->addresses[i].octets, len);
        n += 1;
    }
}

enum bj_status bj_hostent_build(const struct bj_answer *answer,
                                enum bj_family family, struct bj_arena *arena,
                                struct hostent *out)
{
    struct parts p;
    char **addresses;
    char **aliases;
    char *octets;
    char *name;
    enum bj_status status;

    memset(out, 0, sizeof(*out));
    status = choose(answer, family, &p);
    if (status != BJ_OK)
        return status;
    /* Pointers first: one gap at most, and the octets behind them are then
     * aligned for struct in_addr too. */
    addresses = bj_arena_take_array(arena, p.address_count + 1,
                                    sizeof(*addresses), _Alignof(char *));
    aliases = bj_arena_take_array(arena, p.alias_count + 1, sizeof(*aliases),
                                  _Alignof(char *));
    octets = bj_arena_take_array(arena, p.address_count, p.address_len, 4);
    name = bj_arena_text(arena, p.name.text, p.name.len);
    for (size_t i = 0; i < p.alias_count; i++) {
        char *alias = bj_arena_text(arena, p.aliases[i].text, p.aliases[i].len);

        if (alias != NULL)
            aliases[i] = alias;
    }
    status = bj_arena_end(arena);
    if (status != BJ_OK)
        return status;
    place_addresses(answer, family, p.address_len, addresses, octets);
    out->h_name = name;
    out->h_aliases = aliases;
    out->h_addrtype = family == BJ_FAMILY_IP4 ? AF_INET : AF_INET6;
    out->h_length = (int)p.address_len;
    out->h_addr_list = addresses;
    return BJ_OK;
}
