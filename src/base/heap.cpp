#include "base/heap.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <unistd.h>

namespace base {

namespace {

constexpr std::uintptr_t huge_page = 2 << 20;

std::uintptr_t round_up(std::uintptr_t address, std::uintptr_t unit) {
    return (address + unit - 1) / unit * unit;
}

} // namespace

void prefault_heap(std::size_t bytes) {
    constexpr std::size_t worth_it = 256 << 10;
    constexpr std::size_t at_most = 32 << 20;
    if (bytes < worth_it)
        return;
    const std::size_t wanted = round_up(std::min(bytes, at_most), huge_page);
    // A block of this size comes from the end of the heap and stays part of it when it is freed.
    ::mallopt(M_MMAP_THRESHOLD, 2 * at_most);
    ::mallopt(M_TRIM_THRESHOLD, 2 * at_most);
    // The block's own header is written when it is made, and a huge page can only come where no small one is:
    // the header goes to the page before the first huge one.
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
    const std::uintptr_t first = round_up(end + page, huge_page);
    if (reinterpret_cast<std::intptr_t>(::sbrk(static_cast<std::intptr_t>(first - page - end))) == -1)
        return;
    void *block = std::malloc(wanted + 2 * page);
    const auto begin = reinterpret_cast<std::uintptr_t>(block);
    if (begin < first && first + wanted <= begin + wanted + 2 * page) {
        (void)::madvise(reinterpret_cast<void *>(first), wanted, MADV_HUGEPAGE);
        (void)::madvise(reinterpret_cast<void *>(first), wanted, MADV_POPULATE_WRITE);
    }
    std::free(block);
}

} // namespace base
