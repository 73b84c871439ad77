// The C library's heap of a process that is about to fill it.
#pragma once

#include <cstddef>

namespace base {

// Asks the kernel for so many bytes of heap at once, in huge pages where it has them: a page fault for each
// page takes many times as long. Without effect where the kernel (before Linux 5.14) or the C library does
// not know how. Not while another thread may call sbrk(2).
void prefault_heap(std::size_t bytes);

} // namespace base
