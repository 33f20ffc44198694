/* What lies beside the program: in the folder of a build, or where `make install` puts it. */
#ifndef PROTO_BESIDE_H
#define PROTO_BESIDE_H

#include "proto/mem.h"

/* The first of these places, relative to the folder of the running program, that is there and may be
 * entered or run; absent where none is. */
struct text beside_program(const char *const *places, size_t count, struct arena *);

#endif
