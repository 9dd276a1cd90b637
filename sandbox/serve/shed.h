#ifndef BJ_SANDBOX_SERVE_SHED_H
#define BJ_SANDBOX_SERVE_SHED_H

/*
 * Leaves out of every later fork what libseccomp and jansson execute and
 * write: only the preparing of filters and the exports call them, and a role
 * that never does is born without. That is less code for whoever takes a role
 * over, and less for the fork of each connection to copy. Their symbols stay,
 * for the loader may have to look past them. Nothing to do in a static
 * program, nothing done under a sanitizer; where the kernel refuses, they stay,
 * which does no harm.
 */
void bj_serve_shed(void);

/*
 * In a role whose children, once forked, read, write, end and ask libc for
 * nothing else: leaves out of their memory every library but libc, the loader
 * too, which a program needs no more that is bound as it is loaded (the linker
 * is told so). Where something is loaded that the build does not know
 * (LD_PRELOAD), which may need anything, all stays.
 */
void bj_serve_shed_for_children(void);

#endif
