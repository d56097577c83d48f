#include "cli/show_release.h"

#include "coordinator/store/package.h"
#include "coordinator/verdict/headline.h"

#include <stdlib.h>
#include <string.h>

static const char *keep(struct package_view *view, struct str text)
{
	return text.n != 0 ? arena_copy(&view->arena, text.p, text.n) : NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The newest build of this release for the target, NULL if there is none. */
static const struct build_view *build_of(
	const struct package_view *view, const char *target, const char *version)
{
	for (size_t i = 0; i < view->build_count; i++) {
		if (same_text(view->builds[i].target, target) &&
			same_text(view->builds[i].version, version) && view->builds[i].state != NULL) {
			return &view->builds[i];
		}
	}
	return NULL;
}

static void judge_target(struct published *published, const struct recipe_target *target,
	const char *version, struct package_view *view, struct target_view *out)
{
	const struct pep_target *asked = &target->pep;
	struct published_fact fact;
	published_facts(published, &asked, 1, &fact);
	if (same_text(out->published.state, "not_applicable")) {
		fact.state = PUBLISHED_NOT_APPLICABLE; /* by policy, as it was scanned */
	}
	struct headline_facts facts = {
		.scanned = true,
		.state = fact.state,
		.lost_accelerator = fact.lost_accelerator,
		.compiled_elsewhere = fact.compiled_elsewhere,
	};
	const struct build_view *build = build_of(view, out->target, version);
	if (build != NULL) {
		enum reason reason;
		bool known = build->reason != NULL && reason_find(str_from(build->reason), &reason);
		bool made = same_text(build->state, "pass") ||
			build->stages[STAGE_INSPECT].status == STAGE_STATUS_PASS;
		facts.build = made ? HEADLINE_BUILT : HEADLINE_BUILD_FAILED;
		facts.owner = known ? reason_owner_of(reason) : REASON_NOBODY;
		out->build = *build;
		out->proven = build->proven;
	} else {
		out->proven = false;
	}
	out->has_build = build != NULL;
	out->headline = headline_word(headline_of(&facts));
	out->version = version;
	out->since = 0;
	out->published = (struct published_view){
		.state = published_state_word(fact.state),
		.version = keep(view, fact.version),
		.file = fact.file != NULL ? keep(view, fact.file->filename) : NULL,
		.first_version = keep(view, fact.first_version),
		.first_date = fact.first_date,
		.lost_accelerator = fact.lost_accelerator,
		.behind = -1, /* one release knows of no other */
		.emulated_alternative = fact.emulated_alternative,
	};
}

int show_only_release(struct store *s, int64_t package, const struct target_set *set,
	const char *version, struct package_view *view, struct err *e)
{
	struct store_file *files;
	size_t count, n = 0;
	int code = store_package_files(s, package, &view->arena, &files, &count, e);
	if (code != 0) {
		return code;
	}
	struct published_file *own = mem_new(count + 1, sizeof(*own));
	for (size_t i = 0; i < count; i++) {
		if (str_is(files[i].version, version)) {
			own[n++] = (struct published_file){.filename = files[i].filename,
				.requires_python = files[i].requires_python,
				.yanked = files[i].yanked,
				.uploaded = files[i].uploaded};
		}
	}
	if (n == 0) {
		code = err_set(e, ERR_NOT_FOUND, "has no release %s", version);
		goto out;
	}
	const char *kept = keep(view, str_from(version));
	struct published *published = published_create(str_from(view->name), own, n);
	for (size_t i = 0; i < view->target_count; i++) {
		const struct recipe_target *target =
			target_set_find(set, str_from(view->targets[i].target));
		if (target != NULL) {
			judge_target(published, target, kept, view, &view->targets[i]);
		}
	}
	published_destroy(published);
out:
	free(own);
	return code;
}
