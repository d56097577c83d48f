/* The nine headlines (facts.md), spelled once. */
#pragma once

#include "core/base/str.h"

/* X(enum name, word, glyph as UTF-8, label for people) */
#define HEADLINE_MAP(X)                                                   \
	X(READY, "ready", "\xE2\x97\x8F", "ready")                            \
	X(DEGRADED, "degraded", "\xE2\x97\x90", "degraded")                   \
	X(BUILDS, "builds", "\xE2\x96\xB2", "builds here")                    \
	X(BLOCKED, "blocked", "\xE2\x97\x86", "blocked")                      \
	X(BROKEN, "broken", "\xE2\x9C\x95", "broken")                         \
	X(VANISHED, "vanished", "\xE2\x96\xBC", "vanished")                   \
	X(MISSING, "missing", "\xE2\x97\x8B", "missing")                      \
	X(NOT_APPLICABLE, "not_applicable", "\xE2\x80\x93", "not applicable") \
	X(UNKNOWN, "unknown", "?", "unknown")

enum headline {
#define HEADLINE_ENUM(name, word, glyph, label) HEADLINE_##name,
	HEADLINE_MAP(HEADLINE_ENUM)
#undef HEADLINE_ENUM
		HEADLINE_COUNT,
};

const char *headline_word(enum headline h);
const char *headline_glyph(enum headline h);
const char *headline_label(enum headline h);
bool headline_find(struct str word, enum headline *out);
/* The letter that the database keeps of it; '.' stands for "never judged" there. */
char headline_letter(enum headline h);
enum headline headline_of_letter(char letter); /* HEADLINE_UNKNOWN for anything else */
