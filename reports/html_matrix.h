/* The matrix of a package, Python x platform, and which target stands for a family. */
#pragma once

#include "reports/html_parts.h"

void html_matrix(struct html *h, const struct package_view *v);

/* The target that a family's one word is taken from: that of `python` ("cp313"), else of the newest
 * Python that is not free-threaded. NULL if the family ("glibc", "musl", "Windows") has none. */
const struct target_view *html_matrix_default(
	const struct package_view *v, const char *family, const char *python_or_null);
