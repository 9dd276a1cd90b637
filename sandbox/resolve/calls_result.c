#include <errno.h>
#include <netdb.h>

#include "sandbox/resolve/calls.h"
#include "sandbox/resolve/resolver.h"

/* What stands in the way of a result of that kind: 0, or an EAI_* value. */
static int look(struct bj_call *call, bool is_kind)
{
    struct bj_resolver *r = call->resolver;
    int result = 0;

    if (!is_kind)
        return EAI_FAIL;
    bj_engine_lock(r);
    if (!bj_call_is_ours(call))
        result = EAI_AGAIN;
    else if (call->state != BJ_CALL_DUE && call->state != BJ_CALL_COMPLETED)
        result = EAI_INPROGRESS;
    bj_engine_unlock(r);
    return result;
}

int bj_call_addrinfo(struct bj_call *call, struct addrinfo **list)
{
    int cancel = bj_uncancelled();
    int result =
        look(call, call->ask.kind == BJ_ASK_ADDRINFO && !call->handed_over);
    int error;

    *list = NULL;
    if (result == 0) {
        result = bj_eai(
            bj_ask_list(&call->ask, call->resolver, &call->reply, list, &error),
            error);
        call->handed_over = result == 0;
    }
    bj_cancellable(cancel);
    return result;
}

int bj_call_nameinfo(struct bj_call *call, char *host, socklen_t host_len,
                     char *service, socklen_t service_len)
{
    int cancel = bj_uncancelled();
    int result = look(call, call->ask.kind == BJ_ASK_NAMEINFO);
    int error;

    if (result == 0)
        result = bj_eai(bj_ask_names(&call->ask, &call->reply, host, host_len,
                                     service, service_len, &error),
                        error);
    bj_cancellable(cancel);
    return result;
}

int bj_call_hostent(struct bj_call *call, struct hostent *host, char *buf,
                    size_t buf_len, struct hostent **result, int *h_errnop)
{
    int cancel = bj_uncancelled();
    int early = look(call, call->ask.kind == BJ_ASK_HOST ||
                               call->ask.kind == BJ_ASK_ADDRESS);
    enum bj_outcome outcome;
    int error;
    int status = EINVAL;

    *result = NULL;
    *h_errnop = NETDB_INTERNAL;
    if (early == EAI_INPROGRESS)
        status = EINPROGRESS;
    if (early == EAI_AGAIN)
        status = EAGAIN;
    if (early == 0) {
        outcome = bj_ask_hostent(&call->ask, &call->reply, host, buf, buf_len,
                                 &error);
        status = bj_hostent_status(outcome, error, host, result, h_errnop);
    }
    bj_cancellable(cancel);
    return status;
}
