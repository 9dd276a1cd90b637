/*
 * Asks one question of <netdb.h> and prints what came of it on one line, so
 * that two libraries can be compared: linked to one, preloaded with another,
 * or compiled for belljar.h.
 *
 *   live_ask addrinfo NODE SERVICE [family=4|6] [socktype=...] [protocol=N]
 *                                  [flags=canonname,passive,...]
 *   live_ask hostent NAME [4|6]
 *   live_ask hostaddr ADDRESS
 *   live_ask nameinfo ADDRESS PORT [flags=namereqd,...]
 *   live_ask -      a question a line from standard input, words and blanks
 *
 * "-" for NODE or SERVICE is NULL. socktype is stream unless it is said to be
 * dgram, raw or any. An address is printed with its port, if it has one, and
 * with its kind of socket, if any was asked for: 192.0.2.1,80/1/6.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifdef BJ_ASK_BELLJAR
#include "sandbox/resolve/belljar.h"
#define getaddrinfo bj_getaddrinfo
#define freeaddrinfo bj_freeaddrinfo
#define getnameinfo bj_getnameinfo
#define gethostbyname bj_gethostbyname
#define gethostbyname2 bj_gethostbyname2
#define gethostbyaddr bj_gethostbyaddr
#endif

struct word {
    const char *text;
    int value;
};

static const struct word ai_flags[] = {
    {"passive", AI_PASSIVE},         {"canonname", AI_CANONNAME},
    {"numerichost", AI_NUMERICHOST}, {"numericserv", AI_NUMERICSERV},
    {"v4mapped", AI_V4MAPPED},       {"all", AI_ALL},
    {"addrconfig", AI_ADDRCONFIG},   {"idn", AI_IDN},
    {"unknown", 0x40000000},         {NULL, 0},
};

static const struct word ni_flags[] = {
    {"numerichost", NI_NUMERICHOST},
    {"numericserv", NI_NUMERICSERV},
    {"namereqd", NI_NAMEREQD},
    {"nofqdn", NI_NOFQDN},
    {"dgram", NI_DGRAM},
    {NULL, 0},
};

static const struct word socktypes[] = {
    {"stream", SOCK_STREAM},
    {"dgram", SOCK_DGRAM},
    {"raw", SOCK_RAW},
    {"seqpacket", SOCK_SEQPACKET},
    {"any", 0},
    {NULL, 0},
};

static const struct word eai[] = {
    {"EAI_BADFLAGS", EAI_BADFLAGS},     {"EAI_NONAME", EAI_NONAME},
    {"EAI_AGAIN", EAI_AGAIN},           {"EAI_FAIL", EAI_FAIL},
    {"EAI_FAMILY", EAI_FAMILY},         {"EAI_SOCKTYPE", EAI_SOCKTYPE},
    {"EAI_SERVICE", EAI_SERVICE},       {"EAI_MEMORY", EAI_MEMORY},
    {"EAI_SYSTEM", EAI_SYSTEM},         {"EAI_OVERFLOW", EAI_OVERFLOW},
    {"EAI_NODATA", EAI_NODATA},         {"EAI_ADDRFAMILY", EAI_ADDRFAMILY},
    {"EAI_IDN_ENCODE", EAI_IDN_ENCODE}, {NULL, 0},
};

static const struct word herrno[] = {
    {"HOST_NOT_FOUND", HOST_NOT_FOUND}, {"TRY_AGAIN", TRY_AGAIN},
    {"NO_RECOVERY", NO_RECOVERY},       {"NO_DATA", NO_DATA},
    {"NETDB_INTERNAL", NETDB_INTERNAL}, {NULL, 0},
};

static void usage(const char *what)
{
    fprintf(stderr, "live_ask: what is %s?\n", what);
    exit(2);
}

static int value_of(const struct word *words, const char *text, size_t len)
{
    for (; words->text != NULL; words++)
        if (strlen(words->text) == len && memcmp(words->text, text, len) == 0)
            return words->value;
    usage(text);
    return 0;
}

static const char *name_of(const struct word *words, int value)
{
    for (; words->text != NULL; words++)
        if (words->value == value)
            return words->text;
    return "an unknown error";
}

static int flags_of(const struct word *words, const char *list)
{
    int flags = 0;

    while (*list != '\0') {
        size_t len = strcspn(list, ",");

        flags |= value_of(words, list, len);
        list += len + (list[len] == ',');
    }
    return flags;
}

/* Numbers as the kernel has them, without any library's help. */
static void print_address(const struct sockaddr *address)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
    char text[INET6_ADDRSTRLEN] = "?";
    unsigned port = ntohs(in->sin_port); /* at the same place in both */

    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
    printf(" %s", text);
    if (address->sa_family == AF_INET6 && in6->sin6_scope_id != 0)
        printf("%%%u", in6->sin6_scope_id);
    if (port != 0)
        printf(",%u", port);
}

static void take(struct addrinfo *hints, const char *word)
{
    const char *value = strchr(word, '=');

    if (value == NULL)
        usage(word);
    value++;
    if (strncmp(word, "family=", 7) == 0)
        hints->ai_family = *value == '4'   ? AF_INET
                           : *value == '6' ? AF_INET6
                                           : AF_UNIX;
    else if (strncmp(word, "socktype=", 9) == 0)
        hints->ai_socktype = value_of(socktypes, value, strlen(value));
    else if (strncmp(word, "protocol=", 9) == 0)
        hints->ai_protocol = atoi(value);
    else if (strncmp(word, "flags=", 6) == 0)
        hints->ai_flags = flags_of(ai_flags, value);
    else
        usage(word);
}

static int ask_addrinfo(const char *node, const char *service, char **words)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int error;

    for (; *words != NULL; words++)
        take(&hints, *words);
    error =
        getaddrinfo(strcmp(node, "-") == 0 ? NULL : node,
                    strcmp(service, "-") == 0 ? NULL : service, &hints, &list);
    if (error != 0) {
        printf(" %s", name_of(eai, error));
        return 1;
    }
    if (list->ai_canonname != NULL)
        printf(" %s", list->ai_canonname);
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        print_address(ai->ai_addr);
        if (hints.ai_socktype == 0)
            printf("/%d/%d", ai->ai_socktype, ai->ai_protocol);
    }
    freeaddrinfo(list);
    return 0;
}

static int print_hostent(const struct hostent *host)
{
    char text[INET6_ADDRSTRLEN];

    if (host == NULL) {
        printf(" %s", name_of(herrno, h_errno));
        return 1;
    }
    printf(" %s", host->h_name);
    for (char **alias = host->h_aliases; *alias != NULL; alias++)
        printf("%s%s%s", alias == host->h_aliases ? " [" : " ", *alias,
               alias[1] == NULL ? "]" : "");
    for (char **address = host->h_addr_list; *address != NULL; address++)
        printf(" %s",
               inet_ntop(host->h_addrtype, *address, text, sizeof(text)));
    return 0;
}

static int ask_hostent(const char *name, const char *family)
{
    if (family == NULL)
        return print_hostent(gethostbyname(name));
    return print_hostent(
        gethostbyname2(name, *family == '4' ? AF_INET : AF_INET6));
}

static int ask_hostaddr(const char *text)
{
    unsigned char address[16];

    if (inet_pton(AF_INET, text, address) == 1)
        return print_hostent(gethostbyaddr(address, 4, AF_INET));
    if (inet_pton(AF_INET6, text, address) == 1)
        return print_hostent(gethostbyaddr(address, 16, AF_INET6));
    usage(text);
    return 2;
}

static int ask_nameinfo(const char *text, const char *port, const char *flags)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    const struct sockaddr *address = (const struct sockaddr *)&in6;
    socklen_t len = sizeof(in6);
    char host[NI_MAXHOST], service[NI_MAXSERV];
    int error;

    in6.sin6_port = in.sin_port = htons((uint16_t)atoi(port));
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        address = (const struct sockaddr *)&in;
        len = sizeof(in);
    } else if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1) {
        usage(text);
    }
    error =
        getnameinfo(address, len, host, sizeof(host), service, sizeof(service),
                    flags == NULL ? 0 : flags_of(ni_flags, flags + 6));
    if (error != 0)
        printf(" %s", name_of(eai, error));
    else
        printf(" %s %s", host, service);
    return error != 0;
}

static int ask(char **words, int count)
{
    int status = 2;

    if (count >= 3 && strcmp(words[0], "addrinfo") == 0)
        status = ask_addrinfo(words[1], words[2], words + 3);
    else if (count >= 2 && strcmp(words[0], "hostent") == 0)
        status = ask_hostent(words[1], words[2]);
    else if (count == 2 && strcmp(words[0], "hostaddr") == 0)
        status = ask_hostaddr(words[1]);
    else if (count >= 3 && strcmp(words[0], "nameinfo") == 0)
        status = ask_nameinfo(words[1], words[2], words[3]);
    else
        usage(count > 0 ? words[0] : "an empty line");
    printf("\n");
    fflush(stdout);
    return status;
}

enum { WORDS = 16 };

static void ask_lines(void)
{
    char line[4096];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        char *words[WORDS + 1] = {NULL}, *save = NULL;
        int count = 0;

        for (char *word = strtok_r(line, " \n", &save);
             word != NULL && count < WORDS; word = strtok_r(NULL, " \n", &save))
            words[count++] = word;
        (void)ask(words, count);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], "-") != 0)
        return ask(argv + 1, argc - 1);
    ask_lines();
    return 0;
}
