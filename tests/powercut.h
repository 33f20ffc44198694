/* What the power is cut from, as powercut.c knows it: a program that writes (run under the
 * recorder), and what must hold of the folder afterwards. powercut_journal.c: the journal alone;
 * powercut_engine.c: the engine with journal, store and trust file. */
#ifndef TESTS_POWERCUT_H
#define TESTS_POWERCUT_H

#include "proto/mem.h"

/* Writes until it is done; says through the file `notes` what it can vouch for: lines "B n" (events
 * up to n may be on disk from now on) and "A n" (events up to n are). 0 or an exit code. */
int cut_workload(const char *dir, uint32_t seed, int notes);

/* Recovers the folder after a cut: nothing acknowledged is lost, nothing is there that was not
 * begun, everything agrees; then it works on and agrees again. */
bool cut_recover(const char *dir, uint64_t acked, uint64_t begun, struct buf *why);

/* For the workloads. */
uint32_t cut_dice(uint32_t *seed, uint32_t below);
void cut_note(int notes, char kind, uint64_t sequence);

#endif
