#include "coordinator/verdict/headline.h"

static bool has_wheel(const struct headline_facts *f)
{
	return f->scanned && (f->state == PUBLISHED_WHEEL || f->state == PUBLISHED_PURE);
}

static bool is_not_applicable(const struct headline_facts *f)
{
	return f->scanned &&
		(f->state == PUBLISHED_NOT_APPLICABLE || f->state == PUBLISHED_PYTHON_EXCLUDED);
}

static bool is_broken(const struct headline_facts *f)
{
	return has_wheel(f) && f->published_broken;
}

static bool is_blocked(const struct headline_facts *f)
{
	return has_wheel(f) && f->dependencies == DEPENDENCIES_BLOCKED;
}

static bool is_degraded(const struct headline_facts *f)
{
	return has_wheel(f) && f->state == PUBLISHED_PURE && f->lost_accelerator;
}

static bool has_vanished(const struct headline_facts *f)
{
	return f->scanned && f->vanished;
}

static bool is_built(const struct headline_facts *f)
{
	return f->build == HEADLINE_BUILT;
}

static bool is_missing(const struct headline_facts *f)
{
	bool by_package = f->owner == REASON_PACKAGE || f->owner == REASON_TOOLCHAIN;
	return (f->scanned && f->state == PUBLISHED_NONE) ||
		(f->build == HEADLINE_BUILD_FAILED && by_package) ||
		(f->scanned && f->state == PUBLISHED_SDIST && f->compiled_elsewhere);
}

static bool always(const struct headline_facts *f)
{
	return true;
}

/* The table of facts.md, row by row. */
static const struct {
	enum headline headline;
	bool (*holds)(const struct headline_facts *f);
} rows[] = {
	{HEADLINE_NOT_APPLICABLE, is_not_applicable},
	{HEADLINE_BROKEN, is_broken},
	{HEADLINE_BLOCKED, is_blocked},
	{HEADLINE_DEGRADED, is_degraded},
	{HEADLINE_READY, has_wheel},
	{HEADLINE_VANISHED, has_vanished},
	{HEADLINE_BUILDS, is_built},
	{HEADLINE_MISSING, is_missing},
	{HEADLINE_UNKNOWN, always},
};

enum headline headline_of(const struct headline_facts *f)
{
	size_t i = 0;
	while (!rows[i].holds(f)) {
		i++;
	}
	return rows[i].headline;
}
