/* What this project has written and never seen run on the machine that it is for: builds by Microsoft's compilers on Windows
 * itself. Pages that show such a build, or whoever could make one, say so. */
#pragma once

#include "coordinator/store/view.h"
#include "reports/html.h"

#include <stdbool.h>

/* A build on Windows; one that only tests a wheel is none. */
bool untried_build(const struct build_view *b);
/* An agent, by what it said at its hello (JSON, NULL: nothing yet). */
bool untried_agent(const char *hello);

/* A paragraph. */
void untried_html(struct html *h);
