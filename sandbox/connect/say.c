#include "sandbox/connect/say.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int bj_say(int fd, const struct bj_writer *w)
{
    size_t at = 0;

    if (bj_writer_end(w) != BJ_OK)
        return 0;
    while (at < w->len) {
        ssize_t n = write(fd, w->base + at, w->len - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        at += (size_t)n;
    }
    return 0;
}

static void say_line(const struct bj_endpoint *endpoint, const char *what,
                     const char *detail)
{
    uint8_t line[BJ_SAY_MAX];
    struct bj_writer w;

    bj_writer_init(&w, line, sizeof(line));
    if (endpoint != NULL)
        bj_endpoint_write(&w, endpoint);
    else
        bj_writer_text(&w, "belljar:");
    bj_writer_char(&w, ' ');
    bj_writer_text(&w, what);
    if (detail != NULL) {
        bj_writer_text(&w, ": ");
        bj_writer_text(&w, detail);
    }
    bj_writer_char(&w, '\n');
    /* That it could not be said would be said there, too. */
    (void)bj_say(STDERR_FILENO, &w);
}

void bj_say_failure(const struct bj_endpoint *endpoint, const char *what,
                    int error)
{
    say_line(endpoint, what, strerror(error));
}

void bj_say_words(const struct bj_endpoint *endpoint, const char *words)
{
    say_line(endpoint, words, NULL);
}

void bj_say_trouble(const char *what, int error)
{
    say_line(NULL, what, strerror(error));
}
