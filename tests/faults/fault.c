// Preloaded into a program, makes the n-th call of a kind fail, or kills the program there. The
// environment says which:
//   FAULT_CALL   open, read, write, sync, close, rename, mkdir, unlink or truncate
//   FAULT_FILES  only calls on files whose path holds this text count
//   FAULT_AT     which call, from 1; 0 only counts
//   FAULT_DO     a number of errno, or "short" (half of the bytes), or "kill"
//   FAULT_STAYS  if set, all calls from FAULT_AT on fail
//   FAULT_COUNT  a file that the number of calls is written to at the end
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int count;

static int holds_part(const char* path, int descriptor) {
  const char* part = getenv("FAULT_FILES");
  char found[4096], link[64];
  if (part == NULL) return 1;
  if (path == NULL) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = syscall(SYS_readlink, link, found, sizeof found - 1);
    if (length < 0) return 0;
    found[length] = 0;
    path = found;
  }
  return strstr(path, part) != NULL;
}

// Returns 0 if the call goes on, else 1 with errno set, or 2 if it is to take half of the bytes.
static int fails(const char* kind, const char* path, int descriptor) {
  const char *call = getenv("FAULT_CALL"), *at = getenv("FAULT_AT"), *how = getenv("FAULT_DO");
  if (call == NULL || strcmp(call, kind) != 0 || !holds_part(path, descriptor)) return 0;
  const int number = __sync_add_and_fetch(&count, 1), wanted = at == NULL ? 0 : atoi(at);
  if (wanted == 0 || how == NULL) return 0;
  if (getenv("FAULT_STAYS") != NULL ? number < wanted : number != wanted) return 0;
  if (strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(how, "short") == 0) return 2;
  errno = atoi(how);
  return 1;
}

__attribute__((destructor)) static void write_count(void) {
  const char* file = getenv("FAULT_COUNT");
  char text[32];
  if (file == NULL) return;
  const int descriptor =
      (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  syscall(SYS_write, descriptor, text, snprintf(text, sizeof text, "%d\n", count));
}

// The function of that name that this one stands before.
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define MOVES_BYTES(name, kind, bytes, parameters, arguments) \
  ssize_t name parameters {                                   \
    if (descriptor > 2) {                                     \
      const int fault = fails(kind, NULL, descriptor);        \
      if (fault == 1) return -1;                              \
      if (fault == 2 && bytes > 1) bytes /= 2;                \
    }                                                         \
    return NEXT(name) arguments;                              \
  }
MOVES_BYTES(write, "write", size, (int descriptor, const void* from, size_t size),
            (descriptor, from, size))
MOVES_BYTES(pwrite, "write", size, (int descriptor, const void* from, size_t size, off_t at),
            (descriptor, from, size, at))
MOVES_BYTES(pwrite64, "write", size, (int descriptor, const void* from, size_t size, off64_t at),
            (descriptor, from, size, at))
MOVES_BYTES(writev, "write", pieces, (int descriptor, const struct iovec* from, int pieces),
            (descriptor, from, pieces))
MOVES_BYTES(read, "read", size, (int descriptor, void* to, size_t size), (descriptor, to, size))
MOVES_BYTES(pread, "read", size, (int descriptor, void* to, size_t size, off_t at),
            (descriptor, to, size, at))
MOVES_BYTES(pread64, "read", size, (int descriptor, void* to, size_t size, off64_t at),
            (descriptor, to, size, at))

#define OF_DESCRIPTOR(name, kind, parameters, arguments) \
  int name parameters { return fails(kind, NULL, descriptor) ? -1 : NEXT(name) arguments; }
OF_DESCRIPTOR(fsync, "sync", (int descriptor), (descriptor))
OF_DESCRIPTOR(fdatasync, "sync", (int descriptor), (descriptor))
OF_DESCRIPTOR(ftruncate, "truncate", (int descriptor, off_t size), (descriptor, size))
OF_DESCRIPTOR(ftruncate64, "truncate", (int descriptor, off64_t size), (descriptor, size))

int close(int descriptor) {
  const int fault = fails("close", NULL, descriptor), reason = errno;
  const int result = NEXT(close)(descriptor);
  errno = fault ? reason : errno;
  return fault ? -1 : result;
}

#define OF_PATH(name, kind, parameters, arguments) \
  int name parameters { return fails(kind, path, -1) ? -1 : NEXT(name) arguments; }
OF_PATH(rename, "rename", (const char* from, const char* path), (from, path))
OF_PATH(renameat2, "rename",
        (int from_folder, const char* from, int folder, const char* path, unsigned how),
        (from_folder, from, folder, path, how))
OF_PATH(mkdir, "mkdir", (const char* path, mode_t mode), (path, mode))
OF_PATH(unlink, "unlink", (const char* path), (path))
OF_PATH(remove, "unlink", (const char* path), (path))

#define OPENS(name)                            \
  int name(const char* path, int flags, ...) { \
    va_list more;                              \
    va_start(more, flags);                     \
    const mode_t mode = va_arg(more, mode_t);  \
    va_end(more);                              \
    if (fails("open", path, -1)) return -1;    \
    return NEXT(name)(path, flags, mode);      \
  }
OPENS(open)
OPENS(open64)

FILE* fopen(const char* path, const char* mode) {
  return fails("open", path, -1) ? NULL : NEXT(fopen)(path, mode);
}
FILE* fopen64(const char* path, const char* mode) {
  return fails("open", path, -1) ? NULL : NEXT(fopen64)(path, mode);
}
