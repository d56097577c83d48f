/* What a package's page has below its answer. Internal to reports. */
#pragma once

#include "reports/html_parts.h"

/* "This is what to do": a part for each kind of trouble that the default targets have. */
void html_package_todo(struct html *h, const struct page *p, const struct package_view *v);
/* "numpy (○ missing), …": what a target waits for; nothing where it waits for nothing. */
void html_package_blockers(struct html *h, const struct target_view *t);
/* It cannot be had from what is published, or nobody knows, but with this farm's wheels. */
bool html_package_works_with_built(const struct target_view *t);
void html_package_dependencies(struct html *h, const struct page *p, const struct package_view *v);
void html_package_nights(struct html *h, const struct page *p, const struct package_view *v);
/* What the recipe added to the newest build; nothing without one. */
void html_package_recipe(struct html *h, const struct package_view *v);
void html_package_badges(struct html *h, const struct page *p, const struct package_view *v);
