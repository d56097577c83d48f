#include "reports/html_spark.h"

enum { WIDTH = 240, HEIGHT = 40, MARGIN = 3 };

double html_spark_share(const struct trend_point *p)
{
	int64_t whole = p->downloads > 0 ? p->downloads : p->packages;
	int64_t part = p->downloads > 0 ? p->ready_downloads : p->ready;
	return whole > 0 ? 100.0 * (double)part / (double)whole : -1;
}

/* At least one point of a hundred from bottom to top, so that nothing looks like an earthquake. */
static void find_range(const struct trend_point *points, size_t n, double *low, double *high)
{
	*low = 100;
	*high = 0;
	for (size_t i = 0; i < n; i++) {
		double share = html_spark_share(&points[i]);
		*low = share < *low ? share : *low;
		*high = share > *high ? share : *high;
	}
	if (*high - *low < 1) {
		double middle = (*high + *low) / 2;
		*low = middle - 0.5;
		*high = middle + 0.5;
	}
}

void html_spark(struct html *h, const struct trend_point *points, size_t n)
{
	double low, high;
	struct buf path = {0};
	if (n < 2) {
		html_raw_literal(h, "<p class=\"empty\">Its line begins with the second night.</p>");
		return;
	}
	find_range(points, n, &low, &high);
	double x = 0, y = 0;
	for (size_t i = 0; i < n; i++) {
		x = MARGIN + (WIDTH - 2.0 * MARGIN) * (double)i / (double)(n - 1);
		y = HEIGHT - MARGIN -
			(HEIGHT - 2.0 * MARGIN) * (html_spark_share(&points[i]) - low) / (high - low);
		buf_printf(&path, "%s%.1f %.1f", i == 0 ? "M" : "L", x, y);
	}
	html_raw_literal(h, "<svg class=\"spark\" viewBox=\"0 0 240 40\" role=\"img\"");
	struct buf label = {0};
	buf_printf(&label, "Over the last %zu nights: from %.1f %% to %.1f %%", n,
		html_spark_share(&points[0]), html_spark_share(&points[n - 1]));
	html_attr_str(h, "aria-label", buf_view(&label));
	html_raw_literal(h, "><path");
	html_attr_str(h, "d", buf_view(&path));
	html_raw_literal(h, "/><circle r=\"3\"");
	buf_clear(&path);
	buf_printf(&path, "%.1f", x);
	html_attr_str(h, "cx", buf_view(&path));
	buf_clear(&path);
	buf_printf(&path, "%.1f", y);
	html_attr_str(h, "cy", buf_view(&path));
	html_raw_literal(h, "/></svg>");
	buf_finish(&path);
	buf_finish(&label);
}
