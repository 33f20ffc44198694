/* A sentence in the language chosen; both are literals, so that formats stay checked. */
#ifndef CLIENTS_SAY_H
#define CLIENTS_SAY_H

#include "proto/errors.h"

#define SAY(lang, en, vi) ((lang) == LANG_VI ? (vi) : (en))

#endif
