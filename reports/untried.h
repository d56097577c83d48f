/* What this project has written and never seen run on the machine that it is for: builds by Microsoft's compilers on Windows
 * itself. Pages that show such a build, or whoever could make one, say so. */
#pragma once

#include "reports/html.h"

#include <stdbool.h>

/* A build in `mode` for `target`; each may be NULL. */
bool untried_build(const char *target, const char *mode);
/* An agent, by what it said at its hello (JSON, NULL: nothing yet). */
bool untried_agent(const char *hello);

/* A paragraph. */
void untried_html(struct html *h);
