#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void story_complain(struct story *t, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	buf_add_text(&t->got, "bad step: ");
	buf_vprintf(&t->got, format, arguments);
	va_end(arguments);
}

const char *story_word(const struct story *t, size_t i)
{
	return i < t->word_count ? t->words[i] : "";
}

const char *story_option(const struct story *t, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 1; i < t->word_count; i++) {
		if (strncmp(t->words[i], name, n) == 0 && t->words[i][n] == '=') {
			return t->words[i] + n + 1;
		}
	}
	return NULL;
}

int64_t story_number(const char *text)
{
	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

struct actor *story_actor(struct story *t, const char *name)
{
	for (size_t i = 0; i < t->actor_count; i++) {
		if (strcmp(t->actors[i].name, name) == 0) {
			return &t->actors[i];
		}
	}
	struct actor *a = &t->actors[t->actor_count++];
	a->story = t;
	snprintf(a->name, sizeof(a->name), "%s", name);
	return a;
}

int64_t story_job_id(struct story *t, const char *name)
{
	return (int64_t)(intptr_t)map_get(&t->jobs, str_from(name));
}

const char *story_job_name(struct story *t, int64_t id)
{
	for (size_t i = t->jobs.n; i-- > 0;) {
		if ((int64_t)(intptr_t)t->jobs.entries[i].value == id) {
			return t->jobs.entries[i].key.p;
		}
	}
	return "?";
}

const char *story_fence(struct story *t, const struct actor *a, const char *job)
{
	for (size_t i = t->held_count; i-- > 0;) {
		if (t->held[i].actor == a && t->held[i].job == story_job_id(t, job)) {
			return t->held[i].fence;
		}
	}
	return "never-held";
}

void story_told(void *user, int code, const struct err *e)
{
	buf_add_text(user, fixture_code_word(code));
}
