// System calls without libc: no errno, no thread-local storage, no cancellation points. For code that runs in
// a child sharing its creator's memory. Each returns the kernel's value, -errno on failure.
#pragma once

#include <linux/sched.h>

#include <cstddef>

#if !defined(__x86_64__)
#error "raw_syscall.hpp has to be written for this processor"
#endif

namespace container {

inline long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
    register long r10 asm("r10") = d;
    register long r8 asm("r8") = e;
    register long r9 asm("r9") = f;
    long result;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

template <typename T>
long raw_pointer(T *pointer) {
    return reinterpret_cast<long>(pointer);
}

// clone3(2). The child calls run(argument) on the stack given in args and must not return from it.
inline long raw_clone3(clone_args *args, void (*run)(void *), void *argument) {
    register auto r8 asm("r8") = run;
    register auto r9 asm("r9") = argument;
    long result;
    asm volatile("syscall\n\t"
                 "testq %%rax, %%rax\n\t"
                 "jnz 1f\n\t"
                 "xorl %%ebp, %%ebp\n\t"
                 "movq %%r9, %%rdi\n\t"
                 "callq *%%r8\n\t"
                 "ud2\n"
                 "1:"
                 : "=a"(result)
                 : "a"(435), "D"(args), "S"(sizeof *args), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

} // namespace container
