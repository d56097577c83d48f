/* What each release of a package brought for ARM. */
#pragma once

#include "reports/html_parts.h"

/* Compiled wheels by release, as strips along time and as a table; nothing without releases. */
void html_releases(struct html *h, const struct package_view *v);
