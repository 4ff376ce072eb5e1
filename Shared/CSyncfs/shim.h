// Of Linux's C library; hidden from Swift, since it is no function of POSIX.
extern int syncfs(int descriptor);
