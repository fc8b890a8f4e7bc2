/* For code that runs in U-mode. It is copied to another address, away from the kernel: all of it is inline or marked
 * USER, all its constants are marked USER_CONST, and it has no static variables. */
#pragma once
#include <stdint.h>

#include "syscall.h"

#define USER __attribute__((section(".user.text")))
#define USER_CONST __attribute__((section(".user.rodata")))
#define USER_INLINE __attribute__((always_inline)) static inline

USER_INLINE int64_t user_call(enum syscall number, uint64_t arg0, uint64_t arg1, uint64_t arg2) {
  register uint64_t a0 __asm__("a0") = arg0;
  register uint64_t a1 __asm__("a1") = arg1;
  register uint64_t a2 __asm__("a2") = arg2;
  register uint64_t a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return (int64_t)a0;
}

USER_INLINE int64_t user_read(uint64_t fd, void *to, uint64_t bytes) {
  return user_call(SYS_READ, fd, (uint64_t)to, bytes);
}
USER_INLINE int64_t user_write(uint64_t fd, const void *from, uint64_t bytes) {
  return user_call(SYS_WRITE, fd, (uint64_t)from, bytes);
}
USER_INLINE int64_t user_pipe(uint64_t fds[2]) { return user_call(SYS_PIPE, (uint64_t)fds, 0, 0); }
USER_INLINE int64_t user_close(uint64_t fd) { return user_call(SYS_CLOSE, fd, 0, 0); }
USER_INLINE int64_t user_open(const char *name, uint64_t length, uint64_t create) {
  return user_call(SYS_OPEN, (uint64_t)name, length, create);
}
USER_INLINE int64_t user_seek(uint64_t fd, uint64_t position) { return user_call(SYS_SEEK, fd, position, 0); }
USER_INLINE int64_t user_dup(uint64_t fd, uint64_t other) { return user_call(SYS_DUP, fd, other, 0); }
USER_INLINE int64_t user_fork(void) { return user_call(SYS_FORK, 0, 0, 0); }
USER_INLINE int64_t user_exec(enum program program, uint64_t arg0, uint64_t arg1) {
  return user_call(SYS_EXEC, program, arg0, arg1);
}
USER_INLINE int64_t user_wait(int64_t *status) { return user_call(SYS_WAIT, (uint64_t)status, 0, 0); }
USER_INLINE int64_t user_getpid(void) { return user_call(SYS_GETPID, 0, 0, 0); }
USER_INLINE void user_sleep(uint64_t ticks) { user_call(SYS_SLEEP, ticks, 0, 0); }
USER_INLINE int64_t user_work(uint64_t unit, void *to) { return user_call(SYS_WORK, unit, (uint64_t)to, 0); }
USER_INLINE void user_output(uint64_t unit, uint64_t word) { user_call(SYS_OUTPUT, unit, word, 0); }
_Noreturn USER_INLINE void user_exit(int64_t status) {
  user_call(SYS_EXIT, (uint64_t)status, 0, 0);
  __builtin_unreachable();
}
