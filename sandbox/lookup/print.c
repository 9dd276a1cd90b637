#include "sandbox/lookup/print.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

struct word {
    int value;
    const char *text;
};

static const struct word socktypes[] = {
    {SOCK_STREAM, "SOCK_STREAM"}, {SOCK_DGRAM, "SOCK_DGRAM"},
    {SOCK_RAW, "SOCK_RAW"},       {SOCK_SEQPACKET, "SOCK_SEQPACKET"},
    {SOCK_DCCP, "SOCK_DCCP"},     {0, NULL},
};

static const struct word protocols[] = {
    {IPPROTO_TCP, "IPPROTO_TCP"},         {IPPROTO_UDP, "IPPROTO_UDP"},
    {IPPROTO_UDPLITE, "IPPROTO_UDPLITE"}, {IPPROTO_SCTP, "IPPROTO_SCTP"},
    {IPPROTO_DCCP, "IPPROTO_DCCP"},       {0, NULL},
};

static const char *text_of(const struct word *words, int value)
{
    while (words->text != NULL && words->value != value)
        words++;
    return words->text;
}

const char *bj_print_socktype(int socktype)
{
    return text_of(socktypes, socktype);
}

const char *bj_print_protocol(int protocol)
{
    return text_of(protocols, protocol);
}

const char *bj_print_family(int family)
{
    return family == AF_INET ? "AF_INET"
                             : (family == AF_INET6 ? "AF_INET6" : NULL);
}

struct bj_printed bj_print_address(const struct addrinfo *ai, bool port)
{
    struct bj_printed out = {""};
    struct bj_endpoint endpoint;
    struct bj_writer w;

    if (bj_endpoint_from_sockaddr(ai->ai_addr, ai->ai_addrlen, &endpoint) !=
        BJ_OK)
        return out;
    bj_writer_init(&w, (uint8_t *)out.text, sizeof(out.text) - 1);
    if (port)
        bj_endpoint_write(&w, &endpoint);
    else
        bj_address_write(&w, &endpoint.address);
    return out;
}

/* A constant by its name, or by its number if it has none. */
static void print_constant(const char *member, const char *name, int value)
{
    if (name != NULL)
        printf(" %s=%s", member, name);
    else
        printf(" %s=%d", member, value);
}

void bj_print_lines(const struct addrinfo *list, bool ports)
{
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        const char *type = bj_print_socktype(ai->ai_socktype);

        printf("%-15s %-6s %s\n", bj_print_address(ai, ports).text,
               type == NULL ? "?" : type + sizeof("SOCK_") - 1,
               ai->ai_canonname == NULL ? "" : ai->ai_canonname);
    }
}

void bj_print_addrinfo(const struct addrinfo *list)
{
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        printf("ai_flags=%#x", (unsigned)ai->ai_flags);
        print_constant("ai_family", bj_print_family(ai->ai_family),
                       ai->ai_family);
        print_constant("ai_socktype", bj_print_socktype(ai->ai_socktype),
                       ai->ai_socktype);
        print_constant("ai_protocol", bj_print_protocol(ai->ai_protocol),
                       ai->ai_protocol);
        printf(" ai_addrlen=%u ai_addr=%s ai_canonname=%s\n",
               (unsigned)ai->ai_addrlen, bj_print_address(ai, true).text,
               ai->ai_canonname == NULL ? "NULL" : ai->ai_canonname);
    }
}

/* Strings of a NULL-terminated list, one blank before each. */
static void print_list(char *const *list)
{
    for (; *list != NULL; list++)
        printf(" %s", *list);
}

static const char *address_text(const struct hostent *host, size_t i,
                                char *text)
{
    const char *shown = inet_ntop(host->h_addrtype, host->h_addr_list[i], text,
                                  INET6_ADDRSTRLEN);

    return shown == NULL ? "?" : shown;
}

void bj_print_hostent(const struct hostent *host)
{
    char text[INET6_ADDRSTRLEN];

    printf("h_name=%s h_aliases=[", host->h_name);
    for (char **alias = host->h_aliases; *alias != NULL; alias++)
        printf("%s%s", alias == host->h_aliases ? "" : " ", *alias);
    printf("]");
    print_constant("h_addrtype", bj_print_family(host->h_addrtype),
                   host->h_addrtype);
    printf(" h_length=%d h_addr_list=[", host->h_length);
    for (size_t i = 0; host->h_addr_list[i] != NULL; i++)
        printf("%s%s", i == 0 ? "" : " ", address_text(host, i, text));
    printf("]\n");
}

void bj_print_names(const struct hostent *host)
{
    char text[INET6_ADDRSTRLEN];

    for (size_t i = 0; host->h_addr_list[i] != NULL; i++) {
        printf("%-15s %s", address_text(host, i, text), host->h_name);
        print_list(host->h_aliases);
        printf("\n");
    }
}
