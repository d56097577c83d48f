#include "reports/csv_page.h"

#include "coordinator/store/headline.h"
#include "reports/start_list.h"

#include <stdlib.h>

void csv_page_overview(const struct overview_view *v, struct csv *c)
{
	csv_text(c, "target");
	csv_text(c, "packages");
	csv_text(c, "downloads");
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		csv_text(c, headline_word((enum headline)i));
	}
	csv_text(c, "ready_downloads");
	csv_end(c);
	for (size_t i = 0; i < v->summary_count; i++) {
		const struct target_summary *t = &v->summaries[i];
		csv_text(c, t->target);
		csv_int(c, t->packages);
		csv_int(c, t->downloads);
		for (size_t k = 0; k < HEADLINE_COUNT; k++) {
			csv_int(c, t->counts[k].packages);
		}
		csv_int(c, t->counts[HEADLINE_READY].downloads);
		csv_end(c);
	}
}

void csv_page_packages(const struct packages_view *v, struct csv *c)
{
	csv_text(c, "rank");
	csv_text(c, "name");
	csv_text(c, "newest");
	csv_text(c, "downloads");
	csv_text(c, "headline");
	csv_text(c, "why");
	for (size_t i = 0; i < v->target_count; i++) {
		csv_text(c, v->targets[i]);
	}
	csv_end(c);
	for (size_t i = 0; i < v->row_count; i++) {
		const struct package_row *r = &v->rows[i];
		csv_known(c, r->rank, 0);
		csv_text(c, r->name);
		csv_text(c, r->newest);
		csv_known(c, r->downloads, -1);
		csv_text(c, r->headline);
		csv_text(c, r->why);
		for (size_t k = 0; k < v->target_count; k++) {
			csv_text(c, r->strip[k]);
		}
		csv_end(c);
	}
}

void csv_page_package(const struct package_view *v, struct csv *c)
{
	csv_head(c,
		"target headline version since published file first_version lost_accelerator vanished "
		"dependencies proven build stage reason owner line job");
	for (size_t i = 0; i < v->target_count; i++) {
		const struct target_view *t = &v->targets[i];
		const struct build_view *b = t->has_build ? &t->build : &(struct build_view){0};
		csv_text(c, t->target);
		csv_text(c, t->headline);
		csv_text(c, t->version);
		csv_time(c, t->since);
		csv_text(c, t->published.state);
		csv_text(c, t->published.file);
		csv_text(c, t->published.first_version);
		csv_bool(c, t->published.lost_accelerator);
		csv_text(c, t->published.vanished);
		csv_text(c, t->dependencies);
		csv_bool(c, t->proven);
		csv_text(c, b->state);
		csv_text(c, b->stage);
		csv_text(c, b->reason);
		csv_text(c, b->owner);
		csv_text(c, b->line);
		csv_known(c, b->job, 0);
		csv_end(c);
	}
}

void csv_page_changes(const struct changes_view *v, struct csv *c)
{
	csv_head(c, "at kind package target was became was_version version");
	for (size_t i = 0; i < v->change_count; i++) {
		const struct store_change *x = &v->changes[i];
		for (size_t k = 0; k < x->target_count; k++) {
			csv_time(c, x->at);
			csv_text(c, x->kind != CHANGE_NONE ? change_kind_word(x->kind) : NULL);
			csv_text(c, x->package);
			csv_text(c, x->targets[k]);
			csv_text(c, headline_word(x->was));
			csv_text(c, headline_word(x->became));
			csv_text(c, x->was_version);
			csv_text(c, x->version);
			csv_end(c);
		}
	}
}

void csv_page_farm(const struct farm_view *v, struct csv *c)
{
	csv_head(c, "agent state seen faults fault_reason jobs");
	for (size_t i = 0; i < v->agent_count; i++) {
		const struct farm_agent *a = &v->agents[i];
		int64_t jobs = 0;
		for (size_t k = 0; k < v->lease_count; k++) {
			jobs += v->leases[k].agent == a->agent.id ? 1 : 0;
		}
		csv_text(c, a->agent.name);
		csv_text(c, store_agent_state_word(a->agent.state));
		csv_time(c, a->agent.seen);
		csv_int(c, a->agent.faults);
		csv_text(c, a->fault_reason);
		csv_int(c, jobs);
		csv_end(c);
	}
}

void csv_page_causes(const struct causes_view *v, struct csv *c)
{
	csv_head(c, "reason owner package downloads rank line job root");
	for (size_t i = 0; i < v->cause_count; i++) {
		for (size_t k = 0; k < v->causes[i].package_count; k++) {
			const struct cause_package *p = &v->causes[i].packages[k];
			csv_text(c, v->causes[i].reason);
			csv_text(c, v->causes[i].owner);
			csv_text(c, p->name);
			csv_known(c, p->downloads, -1);
			csv_known(c, p->rank, 0);
			csv_text(c, p->line);
			csv_int(c, p->job);
			csv_text(c, NULL);
			csv_end(c);
		}
	}
	for (size_t i = 0; i < v->root_count; i++) {
		for (size_t k = 0; k < v->roots[i].waiting_count; k++) {
			const struct waiting_package *p = &v->roots[i].waiting[k];
			csv_text(c, reason_code(REASON_CODE_DEPENDENCY_BLOCKED));
			csv_text(c, reason_owner_name(REASON_DEPENDENCY));
			csv_text(c, p->name);
			csv_known(c, p->downloads, -1);
			csv_text(c, NULL);
			csv_text(c, p->path);
			csv_text(c, NULL);
			csv_text(c, v->roots[i].name);
			csv_end(c);
		}
	}
}

void csv_page_start(const struct packages_view *v, struct csv *c)
{
	struct start_item *items = mem_new(v->row_count + 1, sizeof(*items));
	size_t n = start_list(v, items);
	csv_head(c,
		"package headline reason ease rank downloads waits waiting_downloads after freed_by_built");
	for (size_t i = 0; i < n; i++) {
		csv_text(c, items[i].row->name);
		csv_text(c, items[i].row->headline);
		csv_text(c, items[i].row->reason);
		csv_text(c, items[i].ease_word);
		csv_known(c, items[i].row->rank, 0);
		csv_known(c, items[i].row->downloads, -1);
		csv_int(c, items[i].row->waits);
		csv_int(c, items[i].row->waiting_downloads);
		csv_int(c, (int64_t)items[i].row->after_count);
		csv_int(c, items[i].row->freed);
		csv_end(c);
	}
	free(items);
}
