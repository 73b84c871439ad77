// The C library's heap of a process that is about to fill it.
#pragma once

#include <cstddef>

namespace base {

// Asks the kernel for so many bytes of heap at once: a page fault for each page takes five times as long.
// Without effect where the kernel (before Linux 5.14) or the C library does not know how.
void prefault_heap(std::size_t bytes);

} // namespace base
