/* Replays files and folders of inputs through a fuzz target, where there is no libFuzzer. */
#include "proto/mem.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path)
{
	struct buf content = { 0 };
	FILE *f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return -1;
	}
	size_t got;
	while ((got = fread(buf_room(&content, 65536), 1, 65536, f)) > 0)
		content.len += got;
	int bad = ferror(f);
	fclose(f);
	if (bad) {
		fprintf(stderr, "%s: can't be read\n", path);
		buf_free(&content);
		return -1;
	}
	/* An exact copy, so that a sanitizer sees a read behind the end. */
	size_t len = content.len;
	unsigned char *exact = xcalloc(len, 1);
	memcpy(exact, buf_view(&content).ptr, len);
	buf_free(&content);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return 1;
}

/* The number of files replayed, or -1. */
static int
replay(const char *path)
{
	struct stat st;
	if (stat(path, &st)) {
		perror(path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path);
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort), total = 0;
	if (count < 0) {
		perror(path);
		return -1;
	}
	for (int i = 0; i < count; i++) {
		char *inner = NULL;
		if (entries[i]->d_name[0] != '.' && total >= 0) {
			if (asprintf(&inner, "%s/%s", path, entries[i]->d_name) < 0)
				abort();
			int replayed = replay(inner);
			total = replayed < 0 ? -1 : total + replayed;
		}
		free(inner);
		free(entries[i]);
	}
	free(entries);
	return total;
}

int
main(int argc, char **argv)
{
	int total = 0;
	for (int i = 1; i < argc; i++) {
		int replayed = replay(argv[i]);
		if (replayed < 0)
			return 1;
		total += replayed;
	}
	printf("%d files replayed\n", total);
	return total > 0 ? 0 : 1;
}
