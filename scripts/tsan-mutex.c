// SPDX-License-Identifier: Apache-2.0
//
// Tells ThreadSanitizer of Swift's Mutex when it is contended: then the lock is taken and given back inside the standard library,
// which is not instrumented, and what it guards looks like a race. Preloaded by scripts/sanitize.sh.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// Absent in programs without ThreadSanitizer, which are started on the way.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define MUTEX "$s15Synchronization12_MutexHandleV"
#define LOCK MUTEX "9_lockSlowyys6UInt32VF"
#define UNLOCK MUTEX "11_unlockSlowyyF"

typedef __attribute__((swiftcall)) void (*lock_function)(uint32_t thread, __attribute__((swift_context)) void *mutex);
typedef __attribute__((swiftcall)) void (*unlock_function)(__attribute__((swift_context)) void *mutex);

__attribute__((swiftcall)) void lock(uint32_t thread, __attribute__((swift_context)) void *mutex) __asm__(LOCK);
__attribute__((swiftcall)) void unlock(__attribute__((swift_context)) void *mutex) __asm__(UNLOCK);

__attribute__((swiftcall)) void lock(uint32_t thread, __attribute__((swift_context)) void *mutex) {
  static _Atomic(lock_function) real;
  if (!real) real = (lock_function)dlsym(RTLD_NEXT, LOCK);
  real(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void unlock(__attribute__((swift_context)) void *mutex) {
  static _Atomic(unlock_function) real;
  if (!real) real = (unlock_function)dlsym(RTLD_NEXT, UNLOCK);
  if (__tsan_release) __tsan_release(mutex);
  real(mutex);
}
