#include "keeper.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct entry {
    unsigned count; /* 0: free */
    int fds[KEEPER_FDS_PER_NAME];
    char name[KEEPER_NAME_SIZE];
};

/* Pages nobody wrote to cost nothing. */
static struct entry entries[KEEPER_ENTRIES];
static unsigned used; /* one past the last slot ever taken */

static void close_all(const int *fds, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
        close(fds[i]);
}

static struct entry *find(const char *name) {
    for (unsigned slot = 0; slot < used; ++slot)
        if (entries[slot].count != 0 && strcmp(entries[slot].name, name) == 0)
            return &entries[slot];
    return NULL;
}

static struct entry *find_free(void) {
    for (unsigned slot = 0; slot < used; ++slot)
        if (entries[slot].count == 0)
            return &entries[slot];
    return used < KEEPER_ENTRIES ? &entries[used++] : NULL;
}

int store_put(const char *name, const int *fds, unsigned count) {
    if (name[0] == '\0' || strlen(name) >= KEEPER_NAME_SIZE || count == 0 || count > KEEPER_FDS_PER_NAME)
        return EINVAL;
    struct entry *entry = find(name);
    if (entry != NULL)
        close_all(entry->fds, entry->count);
    else if ((entry = find_free()) == NULL)
        return ENOSPC;
    strcpy(entry->name, name);
    memcpy(entry->fds, fds, count * sizeof *fds);
    entry->count = count;
    return 0;
}

void store_drop(const char *name) {
    struct entry *entry = find(name);
    if (entry != NULL) {
        close_all(entry->fds, entry->count);
        entry->count = 0;
    }
}

int store_parse(char *argument) {
    char *equals = strrchr(argument, '=');
    if (equals == NULL)
        return EINVAL;
    *equals = '\0';
    int fds[KEEPER_FDS_PER_NAME];
    unsigned count = 0;
    for (const char *at = equals + 1; *at != '\0' && count < KEEPER_FDS_PER_NAME; ++count) {
        int fd = 0;
        for (; *at >= '0' && *at <= '9'; ++at)
            fd = fd * 10 + (*at - '0');
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
            return errno;
        fds[count] = fd;
        if (*at == ',')
            ++at;
    }
    return store_put(argument, fds, count);
}

union control {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE(sizeof(int) * KEEPER_FDS_PER_NAME)];
};

static unsigned received_fds(struct msghdr *header, int *fds) {
    struct cmsghdr *part = CMSG_FIRSTHDR(header);
    if (part == NULL || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
        return 0;
    const size_t size = part->cmsg_len - CMSG_LEN(0);
    memcpy(fds, CMSG_DATA(part), size);
    return (unsigned)(size / sizeof(int));
}

static void reply(int socket, struct keeper_message *message, const int *fds, unsigned count) {
    struct iovec data = {message, sizeof *message};
    union control control;
    struct msghdr header;
    memset(&header, 0, sizeof header);
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    message->count = count;
    if (count != 0) {
        memset(&control, 0, sizeof control);
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(part), fds, sizeof(int) * count);
    }
    /* A supervisor that does not read its replies must not stop the reaping. */
    sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void reply_status(int socket, int error, uint64_t value) {
    struct keeper_message answer;
    memset(&answer, 0, sizeof answer);
    answer.type = error == 0 ? KEEPER_OK : KEEPER_REFUSED;
    answer.value = error == 0 ? value : (uint64_t)error;
    reply(socket, &answer, NULL, 0);
}

static void reply_entry(int socket, uint64_t slot) {
    struct keeper_message answer;
    memset(&answer, 0, sizeof answer);
    while (slot < used && entries[slot].count == 0)
        ++slot;
    answer.type = slot < used ? KEEPER_ENTRY : KEEPER_END;
    answer.value = slot;
    if (slot < used)
        strcpy(answer.name, entries[slot].name);
    reply(socket, &answer, slot < used ? entries[slot].fds : NULL, slot < used ? entries[slot].count : 0);
}

int serve_request(int socket) {
    struct keeper_message message;
    struct iovec data = {&message, sizeof message};
    union control control;
    struct msghdr header;
    memset(&header, 0, sizeof header);
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    const ssize_t size = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size <= 0)
        return 0;
    int fds[KEEPER_FDS_PER_NAME];
    const unsigned count = received_fds(&header, fds);
    int error = EINVAL;
    const int whole = size == (ssize_t)sizeof message && (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0
                      && message.count == count && message.name[KEEPER_NAME_SIZE - 1] == '\0';
    if (whole && message.type == KEEPER_STORE)
        error = store_put(message.name, fds, count);
    if (error != 0)
        close_all(fds, count);
    if (whole && message.type == KEEPER_TAKE) {
        reply_entry(socket, message.value);
        return 1;
    }
    uint64_t value = 0;
    if (whole && message.type == KEEPER_DROP) {
        store_drop(message.name);
        error = 0;
    } else if (whole && message.type == KEEPER_TRUNCATE) {
        value = (uint64_t)exits_truncate(message.value);
        error = 0;
    }
    reply_status(socket, error, value);
    return 1;
}
