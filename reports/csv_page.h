/* The tables of the pages as CSV: a row of names, then a row a line of the page's main table. */
#pragma once

#include "coordinator/store/view.h"
#include "coordinator/store/view_changes.h"
#include "coordinator/store/view_farm.h"
#include "reports/csv.h"

void csv_page_overview(const struct overview_view *v, struct csv *c); /* a row a target */
void csv_page_packages(const struct packages_view *v, struct csv *c); /* a row a package */
void csv_page_package(const struct package_view *v, struct csv *c); /* a row a target */
void csv_page_farm(const struct farm_view *v, struct csv *c); /* a row an agent */
void csv_page_causes(const struct causes_view *v, struct csv *c); /* a row a package */
void csv_page_start(const struct packages_view *v, struct csv *c); /* a row a package */
void csv_page_changes(const struct changes_view *v, struct csv *c); /* a row a change and target */
