#include "coordinator/store/headline.h"

static const struct {
	struct str text; /* `word` */
	const char *word;
	const char *glyph;
	const char *label;
} rows[HEADLINE_COUNT] = {
#define HEADLINE_ROW(name, word, glyph, label) \
	[HEADLINE_##name] = {{(word), sizeof(word) - 1}, (word), (glyph), (label)},
	HEADLINE_MAP(HEADLINE_ROW)
#undef HEADLINE_ROW
};

const char *headline_word(enum headline h)
{
	return rows[h].word;
}

const char *headline_glyph(enum headline h)
{
	return rows[h].glyph;
}

const char *headline_label(enum headline h)
{
	return rows[h].label;
}

bool headline_find(struct str word, enum headline *out)
{
	for (int i = 0; i < HEADLINE_COUNT; i++) {
		if (str_equal(word, rows[i].text)) {
			*out = (enum headline)i;
			return true;
		}
	}
	return false;
}

/* In the order of HEADLINE_MAP; sql/migrate/0002_facts.sql knows them too. */
static const char letters[HEADLINE_COUNT + 1] = "rdbkxvmnu";

char headline_letter(enum headline h)
{
	return letters[h];
}

enum headline headline_of_letter(char letter)
{
	for (int i = 0; i < HEADLINE_COUNT; i++) {
		if (letters[i] == letter) {
			return (enum headline)i;
		}
	}
	return HEADLINE_UNKNOWN;
}
