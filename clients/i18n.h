/* Sentences of the programs: see proto/i18n.h. */
#include "proto/i18n.h"
