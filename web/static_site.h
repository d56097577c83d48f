/* The dashboard as files: the same renderers, their addresses made relative (reports/static_links.h). A
 * file that is as it should be is left alone; others are replaced whole, by a rename. */
#pragma once

#include "core/io/blob_store.h"

struct static_site_options {
	const char *database;
	const struct blob_store *blobs; /* logs; NULL: none are to be had */
	const char *folder; /* made if it is not there */
	const char
		*site; /* public address for badges, feeds, site map; NULL: no feeds and no site map */
	const char *python; /* of the default targets, NULL: the newest */
	bool only_html; /* leave out JSON and badges */
	int threads; /* 0: as many as there are processors */
};

struct static_site_counts {
	size_t files; /* that the site is made of */
	size_t written; /* that were new or had changed */
	size_t packages, jobs;
};

/* Blocking. On an error the site is whole in what was written so far. */
int static_site_write(
	const struct static_site_options *o, struct static_site_counts *out, struct err *e);
