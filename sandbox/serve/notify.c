#include "sandbox/serve/notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/bytes/ascii.h"
#include "sandbox/serve/listen.h"

/* A decimal variable of the environment; 0 if it is missing or no number. */
static uint64_t number(const char *name)
{
    const char *text = getenv(name);
    struct bj_cursor c;
    uint64_t value;

    if (text == NULL)
        return 0;
    bj_cursor_init(&c, (const uint8_t *)text, strlen(text));
    value = bj_ascii_read_dec(&c, UINT64_MAX);
    return bj_cursor_end(&c) == BJ_OK ? value : 0;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    int up;
    int fd;

    if (len == 0 || len >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') /* the abstract namespace */
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, size) != 0) {
        close(fd);
        return -1;
    }
    up = fcntl(fd, F_DUPFD_CLOEXEC, BJ_LISTEN_FD_MIN);
    close(fd);
    return up;
}

void bj_notify_open(struct bj_notify *notify)
{
    const char *path = getenv("NOTIFY_SOCKET");
    uint64_t pid = number("WATCHDOG_PID");
    uint64_t ms = number("WATCHDOG_USEC") / 1000;

    notify->fd = path == NULL ? -1 : connect_to(path);
    notify->watchdog_ms = 0;
    if (notify->fd >= 0 && (pid == 0 || pid == (uint64_t)getpid()))
        notify->watchdog_ms = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

void bj_notify_say(const struct bj_notify *notify, const char *message)
{
    /* Nobody is there to be told that nobody is there. */
    if (notify->fd >= 0)
        (void)!write(notify->fd, message, strlen(message));
}
