/* The strict scanner that stands before cJSON (json.h says what it refuses). For json.c alone. */
#ifndef PROTO_SCAN_H
#define PROTO_SCAN_H

#include "proto/json.h"

struct scan {
	size_t fault;                           /* where, if the text is not acceptable */
	uint32_t count;
	uint32_t numbers[JSON_VALUES_MAX];      /* where each number begins, in order of appearance */
};

/* Allocates nothing. *ret need not be initialised. */
bool json_scan(struct text, struct scan *ret);

#endif
