/* What supervisor and keeper say to each other, over a SOCK_SEQPACKET socketpair: one request, one reply,
 * each one `struct keeper_message` with descriptors as SCM_RIGHTS. Shared by C and C++;
 * docs/formats-keeper.md explains it. Both ends come from one build of the program, or the keeper is the
 * older one: a request may be added, never changed. */
#ifndef COMPOSE_KEEPER_PROTOCOL_H
#define COMPOSE_KEEPER_PROTOCOL_H

#include <stdint.h>

enum {
    KEEPER_NAME_SIZE = 96, /* with the terminating NUL */
    KEEPER_FDS_PER_NAME = 8,
    KEEPER_ENTRIES = 4096,

    /* The descriptors a supervisor is born with. */
    KEEPER_SOCKET_FD = 3,
    KEEPER_EVENT_FD = 4
};

enum keeper_type {
    KEEPER_STORE = 1,    /* name, descriptors -> OK */
    KEEPER_DROP = 2,     /* name -> OK, also when unknown */
    KEEPER_TAKE = 3,     /* value: first slot to look at -> ENTRY, or END */
    KEEPER_TRUNCATE = 4, /* value: size of the exits file as read -> OK with value 1 when emptied, else 0 */

    KEEPER_OK = 16,
    KEEPER_REFUSED = 17, /* value: an errno */
    KEEPER_ENTRY = 18,   /* name, descriptors, value: its slot */
    KEEPER_END = 19
};

struct keeper_message {
    uint32_t type;
    uint32_t count; /* of descriptors */
    uint64_t value;
    char name[KEEPER_NAME_SIZE];
};

#endif
