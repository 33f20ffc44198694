/* What lies beside the program: in the folder of a build, or where `make install` puts it. */
#include "proto/beside.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

struct text
beside_program(const char *const *places, size_t count, struct arena *arena)
{
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	if (n <= 0)
		return ABSENT;
	program[n] = '\0';
	*strrchr(program, '/') = '\0';
	for (size_t i = 0; i < count; i++) {
		struct text path = arena_printf(arena, "%s/%s", program, places[i]);
		if (!access(path.ptr, X_OK))
			return path;
	}
	return ABSENT;
}
