#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dns/types.h"
#include "sandbox/lookup/print.h"

/* A text of the user's, which need not be UTF-8: then each octet over 0x7f is
 * the character of that number. */
static json_t *users(const char *text)
{
    json_t *string = json_string(text);
    char *wide;
    size_t n = 0;

    if (string != NULL)
        return string;
    wide = malloc(2 * strlen(text) + 1);
    if (wide == NULL)
        return NULL;
    for (; *text != '\0'; text++) {
        unsigned char octet = (unsigned char)*text;

        if (octet > 0x7f)
            wide[n++] = (char)(0xc0 | octet >> 6);
        wide[n++] = (char)(octet > 0x7f ? 0x80 | (octet & 0x3f) : octet);
    }
    string = json_stringn(wide, n);
    free(wide);
    return string;
}

static json_t *object_of(const struct bj_asked *asked)
{
    json_t *o = json_object();

    json_object_set_new(o, "name", users(asked->name));
    if (asked->service != NULL)
        json_object_set_new(o, "service", users(asked->service));
    return o;
}

static bool print(json_t *o)
{
    bool good = o != NULL && json_dumpf(o, stdout, JSON_COMPACT) == 0 &&
                putchar('\n') != EOF;

    json_decref(o);
    return good;
}

/* The name of a constant, or its number. */
static json_t *constant(const char *name, int value)
{
    return name != NULL ? json_string(name) : json_integer(value);
}

static json_t *of_addrinfo(const struct addrinfo *ai)
{
    struct bj_endpoint endpoint = {0};
    json_t *o = json_object();

    if (bj_endpoint_from_sockaddr(ai->ai_addr, ai->ai_addrlen, &endpoint) !=
        BJ_OK)
        return o;
    json_object_set_new(
        o, "family", constant(bj_print_family(ai->ai_family), ai->ai_family));
    json_object_set_new(o, "address",
                        json_string(bj_print_address(ai, false).text));
    json_object_set_new(o, "port", json_integer(endpoint.port));
    json_object_set_new(
        o, "socktype",
        constant(bj_print_socktype(ai->ai_socktype), ai->ai_socktype));
    json_object_set_new(
        o, "protocol",
        constant(bj_print_protocol(ai->ai_protocol), ai->ai_protocol));
    return o;
}

bool bj_json_addrinfo(const struct bj_asked *asked, const struct addrinfo *list)
{
    json_t *o = object_of(asked), *addresses = json_array();

    if (list->ai_canonname != NULL)
        json_object_set_new(o, "canonname", json_string(list->ai_canonname));
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
        json_array_append_new(addresses, of_addrinfo(ai));
    json_object_set_new(o, "addresses", addresses);
    return print(o);
}

bool bj_json_hostent(const struct bj_asked *asked, const struct hostent *host)
{
    json_t *o = object_of(asked);
    json_t *aliases = json_array(), *addresses = json_array();
    char text[INET6_ADDRSTRLEN];

    for (char **alias = host->h_aliases; *alias != NULL; alias++)
        json_array_append_new(aliases, json_string(*alias));
    for (char **address = host->h_addr_list; *address != NULL; address++)
        json_array_append_new(addresses,
                              json_string(inet_ntop(host->h_addrtype, *address,
                                                    text, sizeof(text))));
    json_object_set_new(o, "h_name", json_string(host->h_name));
    json_object_set_new(o, "h_aliases", aliases);
    json_object_set_new(
        o, "h_addrtype",
        constant(bj_print_family(host->h_addrtype), host->h_addrtype));
    json_object_set_new(o, "h_length", json_integer(host->h_length));
    json_object_set_new(o, "h_addr_list", addresses);
    return print(o);
}

bool bj_json_host(const struct bj_asked *asked, const char *host)
{
    json_t *o = object_of(asked);

    json_object_set_new(o, "host", json_string(host));
    return print(o);
}

static json_t *of_try(const struct bj_try *try)
{
    json_t *o = json_object();
    char server[BJ_ENDPOINT_TEXT_MAX];

    bj_endpoint_format(&try->server, server);
    json_object_set_new(o, "name", json_string(try->name));
    json_object_set_new(o, "type",
                        constant(bj_type_text(try->type), (int)try->type));
    json_object_set_new(o, "server", json_string(server));
    json_object_set_new(o, "transport", json_string(try->tcp ? "tcp" : "udp"));
    json_object_set_new(o, "sent", json_integer(try->sent));
    json_object_set_new(o, "received", json_integer(try->received));
    json_object_set_new(o, "errno", json_integer(try->error));
    return o;
}

bool bj_json_error(const struct bj_asked *asked, const char *error,
                   const char *text, const struct bj_tried *tried)
{
    json_t *o = object_of(asked), *tries = json_array();

    for (size_t i = 0; i < tried->count; i++)
        json_array_append_new(tries, of_try(&tried->tries[i]));
    json_object_set_new(o, "error", json_string(error));
    json_object_set_new(o, "text", json_string(text));
    json_object_set_new(o, "tried", tries);
    return print(o);
}
