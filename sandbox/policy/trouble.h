#ifndef BJ_SANDBOX_POLICY_TROUBLE_H
#define BJ_SANDBOX_POLICY_TROUBLE_H

/*
 * Why a lockdown cannot be had, in words for the person at the terminal: what
 * failed, the system's reason, and the option that accepts going without.
 */
struct bj_trouble {
    char text[240];
};

#endif
