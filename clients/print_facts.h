/* The facts of a paper, as its template names them (print_fields.def).
 *
 * A paper is a Vietnamese state document: its words are Vietnamese whatever language the one who
 * prints it reads. Dates are "ngày 05 tháng 03 năm 2020", {FIELD:short} 05/03/2020. */
#ifndef CLIENTS_PRINT_FACTS_H
#define CLIENTS_PRINT_FACTS_H

#include "clients/places.h"
#include "clients/template.h"

enum print_block {
	BLOCK_REASONS, BLOCK_DOCUMENTS, BLOCK_SHEETS, BLOCK_SUPPORT, BLOCK_PARTS, BLOCK_SECTIONS, BLOCK_CRITERIA, BLOCK_COUNT
};

struct print_facts {
	struct documents documents; /* by the letters of print_fields.def; i is filled in while writing */
	int64_t day;                /* what codes mean is decided for this day */
	const struct json *items[BLOCK_COUNT];
	size_t numbers[BLOCK_COUNT];
};

/* Facts are a struct print_facts. */
extern const struct vocabulary print_vocabulary;

#endif
