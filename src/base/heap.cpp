#include "base/heap.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <unistd.h>

namespace base {

void prefault_heap(std::size_t bytes) {
    constexpr std::size_t worth_it = 256 << 10;
    constexpr std::size_t at_most = 32 << 20;
    if (bytes < worth_it)
        return;
    bytes = std::min(bytes, at_most);
    // A block of this size comes from the end of the heap and stays part of it when it is freed.
    ::mallopt(M_MMAP_THRESHOLD, 2 * at_most);
    ::mallopt(M_TRIM_THRESHOLD, 2 * at_most);
    void *block = std::malloc(bytes);
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = (reinterpret_cast<std::uintptr_t>(block) + page - 1) / page * page;
    const auto end = (reinterpret_cast<std::uintptr_t>(block) + bytes) / page * page;
    if (block != nullptr)
        (void)::madvise(reinterpret_cast<void *>(begin), end - begin, MADV_POPULATE_WRITE);
    std::free(block);
}

} // namespace base
