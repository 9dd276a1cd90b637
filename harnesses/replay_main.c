/*
 * Runs a harness over files and folders without a fuzzing engine: with any
 * compiler, in every build, under ctest. Each input is copied to an exact
 * block and run twice; the digests must agree. An input that fails is named
 * before the process ends. Exit status: 0 all held, 1 a failure or an oracle
 * that never ran, 2 usage.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harnesses/harness.h"

/* Present when linked against a sanitizer: called before it ends us. */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

extern struct bj_oracle __start_bj_oracles[] __attribute__((weak));
extern struct bj_oracle __stop_bj_oracles[] __attribute__((weak));

static const char *current_input = "(none)";
static uint64_t digest;

void bj_digest(const void *bytes, size_t len)
{
    const uint8_t *octets = bytes;

    /* FNV-1a. */
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ octets[i]) * UINT64_C(1099511628211);
}

static void name_input(void)
{
    (void)!write(STDERR_FILENO, "FAILED on input: ", 17);
    (void)!write(STDERR_FILENO, current_input, strlen(current_input));
    (void)!write(STDERR_FILENO, "\n", 1);
}

static void on_abort(int signal_number)
{
    name_input();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static uint64_t run_once(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = bj_exact_copy(bytes, size);

    digest = UINT64_C(14695981039346656037);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return digest;
}

static int replay_file(const char *path, size_t *count)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;
    size_t size;
    struct stat info;
    int failed = 0;

    if (file == NULL || fstat(fileno(file), &info) != 0) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return 1;
    }
    bytes = malloc((size_t)info.st_size + 1);
    if (bytes == NULL)
        abort();
    size = fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    current_input = path;
    if (run_once(bytes, size) != run_once(bytes, size)) {
        fprintf(stderr, "replay: %s: two runs differ\n", path);
        failed = 1;
    }
    current_input = "(none)";
    free(bytes);
    *count += 1;
    return failed;
}

static int replay(const char *path, size_t *count);

static int replay_folder(const char *path, size_t *count)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    int failed = 0;

    if (n < 0) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return 1;
    }
    for (int i = 0; i < n; i++) {
        char *child = NULL;

        if (entries[i]->d_name[0] != '.') {
            if (asprintf(&child, "%s/%s", path, entries[i]->d_name) < 0)
                abort();
            failed |= replay(child, count);
            free(child);
        }
        free(entries[i]);
    }
    free(entries);
    return failed;
}

static int replay(const char *path, size_t *count)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return 1;
    }
    return S_ISDIR(info.st_mode) ? replay_folder(path, count)
                                 : replay_file(path, count);
}

static int report_oracles(bool demand_all)
{
    int failed = 0;

    for (struct bj_oracle *o = __start_bj_oracles; o < __stop_bj_oracles; o++) {
        printf("  oracle %-32s ran %llu times\n", o->id, o->count);
        if (demand_all && o->count == 0) {
            fprintf(stderr, "replay: oracle %s (%s:%d) never ran\n", o->id,
                    o->file, o->line);
            failed = 1;
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    int failed = 0;
    int first = 1;
    bool demand_all = false;

    if (argc > 1 && strcmp(argv[1], "--demand-oracles") == 0) {
        demand_all = true;
        first = 2;
    }
    if (argc <= first) {
        fprintf(stderr,
                "usage: %s [--demand-oracles] FILE|FOLDER...\n"
                "Runs every input through the harness, twice each. With\n"
                "--demand-oracles an oracle that never ran is a failure.\n",
                argv[0]);
        return 2;
    }
    signal(SIGABRT, on_abort);
    signal(SIGTRAP, on_abort);
    signal(SIGILL, on_abort);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(name_input);
    else
        signal(SIGSEGV, on_abort);
    for (int i = first; i < argc; i++)
        failed |= replay(argv[i], &count);
    printf("%zu inputs\n", count);
    failed |= report_oracles(demand_all);
    if (count == 0) {
        fprintf(stderr, "replay: no input found\n");
        failed = 1;
    }
    printf("%s\n", failed ? "FAILED" : "ok");
    return failed;
}
