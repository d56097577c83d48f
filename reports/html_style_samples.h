/* A made-up package and its builds in every state, by the renderers of the pages themselves; for /style. */
#pragma once

#include "reports/html_parts.h"

/* Its links lead nowhere: to the top of the page. `names`: of packages, the first an ordinary one. */
void html_style_package(
	struct html *h, const struct page *p, const char *const *names, size_t name_count);
void html_style_log(struct html *h);
void html_style_agents(struct html *h);
void html_style_forms(struct html *h, const char *const *names, size_t name_count);
