/* The keeper's own parts. Single-threaded, no heap; every descriptor here is CLOEXEC. */
#ifndef COMPOSE_KEEPER_H
#define COMPOSE_KEEPER_H

#include "protocol.h"

#include <sys/types.h>

/* store.c: named descriptors. Both return 0 or an errno; stored descriptors belong to the store. */
int store_put(const char *name, const int *fds, unsigned count);
void store_drop(const char *name);
/* Answers one request waiting on the socket. Returns 0 when there was none or the peer is gone. */
int serve_request(int socket);
/* A command line argument NAME=FD,FD. Returns 0 or an errno. */
int store_parse(char *argument);

/* exits.c: the record of how children ended. */
int exits_open(const char *path);
/* Returns 1 when the file was exactly `size` bytes long and is now empty. */
int exits_truncate(uint64_t size);

struct reaped {
    int supervisor_ended;
    int supervisor_status; /* as waitpid(2) gives it */
    int others;            /* how many other children were recorded and reaped */
    int deferred;          /* a record could not be written (disk full): the child waits as a zombie */
};

/* Reaps every child that has ended, the supervisor without a record. */
struct reaped reap_children(pid_t supervisor);

/* text.c: formatting without stdio. */
struct text {
    char data[256];
    unsigned size;
};

void text_add(struct text *text, const char *string);
void text_add_number(struct text *text, uint64_t number);

#endif
