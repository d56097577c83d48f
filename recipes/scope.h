/* What is out of scope by policy: recipes/scope.yaml, each entry with a reason and a link. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

struct scope_rule {
	const char *package; /* normalised */
	const char *target; /* pattern, see recipe_target_matches */
	const char *reason;
	const char *link;
};

struct scope {
	struct arena arena;
	struct scope_rule *v;
	size_t n;
};

/* Reads FOLDER/scope.yaml; an absent file is an empty scope. Errors are "FILE:LINE: what". */
int scope_load(const char *folder, struct scope *out, struct err *e);
void scope_finish(struct scope *s);
/* The rule that puts this package out of scope on this target, or NULL. */
const struct scope_rule *scope_find(const struct scope *s, struct str package, struct str target);
