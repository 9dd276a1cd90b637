#include "core/resolve/search.h"

#include <string.h>

enum bj_status bj_search_init(struct bj_search *search, const char *text,
                              size_t len, const struct bj_search_rules *rules)
{
    enum bj_status status;

    memset(search, 0, sizeof(*search));
    search->rules = rules;
    search->last = BJ_NO_NAME;
    search->as_is = BJ_FOUND;
    status = bj_name_parse(text, len, &search->name, &search->absolute);
    if (status != BJ_OK) {
        search->phase = BJ_SEARCH_DONE;
        return status;
    }
    /* The root has no dots and is absolute by itself. */
    if (search->name.label_count == 0)
        search->absolute = true;
    if (search->absolute || search->name.label_count - 1U >= rules->ndots)
        search->phase = BJ_SEARCH_AS_IS;
    else
        search->phase = BJ_SEARCH_LIST;
    return BJ_OK;
}

/* The name with a domain behind it; false if that is too long for a name, or
 * the domain is none. */
static bool join(const struct bj_name *name, const struct bj_field *domain,
                 struct bj_name *out)
{
    struct bj_name suffix;
    size_t head = name->len - 1U;

    if (bj_name_parse((const char *)domain->text, domain->len, &suffix, NULL) !=
            BJ_OK ||
        suffix.len > BJ_NAME_MAX - head)
        return false;
    memcpy(out->octets, name->octets, head);
    memcpy(out->octets + head, suffix.octets, suffix.len);
    out->len = (uint8_t)(head + suffix.len);
    out->label_count = (uint8_t)(name->label_count + suffix.label_count);
    return true;
}

/* The next of the list that makes a name. The root makes the name as it is,
 * once. */
static bool next_of_list(struct bj_search *search, struct bj_name *out)
{
    const struct bj_search_rules *rules = search->rules;

    while (search->next_domain < rules->domain_count) {
        const struct bj_field *domain = &rules->domains[search->next_domain];

        search->next_domain += 1;
        search->searched = true;
        if (domain->len > 0) {
            if (join(&search->name, domain, out))
                return true;
        } else if (!search->tried_as_is) {
            search->tried_as_is = true;
            *out = search->name;
            return true;
        }
    }
    return false;
}

/* Whether the name is to be asked for as it is at the end. */
static bool wants_last(const struct bj_search *search)
{
    if (search->tried_as_is)
        return false;
    return search->name.label_count > 1 || !search->searched ||
           !search->rules->no_tld;
}

bool bj_search_next(struct bj_search *search, struct bj_name *out)
{
    memset(out, 0, sizeof(*out));
    if (search->phase == BJ_SEARCH_AS_IS) {
        search->tried_as_is = true;
        *out = search->name;
        return true;
    }
    if (search->phase == BJ_SEARCH_LIST) {
        if (next_of_list(search, out))
            return true;
        search->phase = BJ_SEARCH_LAST;
    }
    if (search->phase == BJ_SEARCH_LAST && wants_last(search)) {
        search->tried_as_is = true;
        *out = search->name;
        return true;
    }
    search->phase = BJ_SEARCH_DONE;
    return false;
}

/* One of the list failed: may another be asked? */
static void report_of_list(struct bj_search *search, enum bj_outcome outcome)
{
    switch (outcome) {
    case BJ_NO_DATA:
        /* Go on: a wildcard of another type may stand in the way. */
        search->no_data = true;
        break;
    case BJ_SERVER_FAILED:
        search->server_failed = true;
        break;
    case BJ_NO_NAME:
        break;
    default:
        search->phase = BJ_SEARCH_LAST;
        break;
    }
}

void bj_search_report(struct bj_search *search, enum bj_outcome outcome)
{
    search->last = outcome;
    if (outcome == BJ_FOUND || outcome == BJ_UNREACHABLE) {
        search->as_is = BJ_FOUND;
        search->no_data = false;
        search->server_failed = false;
        search->phase = BJ_SEARCH_DONE;
        return;
    }
    switch (search->phase) {
    case BJ_SEARCH_AS_IS:
        search->as_is = outcome;
        search->phase = search->absolute ? BJ_SEARCH_DONE : BJ_SEARCH_LIST;
        break;
    case BJ_SEARCH_LIST:
        report_of_list(search, outcome);
        break;
    case BJ_SEARCH_LAST:
    case BJ_SEARCH_DONE:
        search->phase = BJ_SEARCH_DONE;
        break;
    }
}

enum bj_outcome bj_search_outcome(const struct bj_search *search)
{
    if (search->as_is != BJ_FOUND)
        return search->as_is;
    if (search->no_data)
        return BJ_NO_DATA;
    if (search->server_failed)
        return BJ_SERVER_FAILED;
    return search->last;
}
