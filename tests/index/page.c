#include "tests/index/page.h"

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "tests/index/matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	DAY = 86400,
	NAME_MAX_BYTES = 100,
	VERSION_MAX = 40,
	FILE_BYTES = 2048, /* more than one file of the page takes */
};
static const int64_t FIRST_DAY = 1136073600; /* 2006 */
static const int64_t LAST_DAY = 1795219200; /* 21 November 2026 */

enum version_kind { VERSION_SEMANTIC, VERSION_CALENDAR, VERSION_NIGHTLY };

struct release {
	int64_t time;
	uint32_t files;
	uint32_t dropped; /* platforms whose build failed */
};

struct project {
	const struct page_wish *wish;
	struct random random;
	struct matrix_style style;
	enum version_kind versions;
	char escaped[NAME_MAX_BYTES]; /* in file names */
	uint32_t size; /* of a wheel, about */
	int requires_lag; /* months it keeps an old Python longer; negative: never says */
	bool core_metadata, provenance;
	const char *status; /* PEP 792; nearly all projects are active and say nothing */
	VEC(struct release) releases; /* the newest first */
	/* the matrix of the last month asked for */
	struct matrix matrix;
	int month;
	uint32_t dropped;
	/* the version so far */
	int64_t day;
	unsigned major, minor, patch, candidate, serial;
	char version[VERSION_MAX];
};

static int month_of(int64_t time)
{
	time_t seconds = time;
	struct tm tm;
	gmtime_r(&seconds, &tm);
	return MONTH(tm.tm_year + 1900, tm.tm_mon + 1);
}

static const struct matrix *matrix_at(struct project *p, int64_t time, uint32_t dropped)
{
	int month = month_of(time);
	if (month != p->month || dropped != p->dropped) {
		matrix_fill(&p->style, month, dropped, &p->matrix);
		p->month = month;
		p->dropped = dropped;
	}
	return &p->matrix;
}

static double normal(struct random *r)
{
	double u = random_unit(r) + 0x1p-54;
	return sqrt(-2 * log(u)) * cos(2 * M_PI * random_unit(r));
}

static void add_release(struct project *p, int64_t time, uint32_t files, uint32_t dropped)
{
	*vec_add(&p->releases) = (struct release){.time = time, .files = files, .dropped = dropped};
}

/* Releases back from `time`, `gap` seconds apart in the mean, until all files are used up: the oldest
 * one gets what is left, so that their number is exact. False if that began before there was an
 * index. */
static bool plan_back(struct project *p, struct random r, int64_t time, double gap)
{
	uint32_t left = p->wish->files;
	p->releases.n = 0;
	while (left != 0 && time > FIRST_DAY) {
		uint32_t dropped = random_chance(&r, 4) ? matrix_draw_arm(&r) : 0;
		uint32_t files = (uint32_t)matrix_at(p, time, dropped)->n + 1;
		files = files < left ? files : left;
		left -= files;
		add_release(p, time, files, dropped);
		time -= (int64_t)(gap * -log(random_unit(&r) + 1e-9)) + 60;
	}
	return left == 0;
}

/* When each release was, the newest first. */
static void plan(struct project *p)
{
	struct random *r = &p->random;
	int64_t time = random_chance(r, 65) ? LAST_DAY - (int64_t)random_below(r, 540) * DAY
										: LAST_DAY - (int64_t)(random_unit(r) * 11 * 365 * DAY);
	time -= random_below(r, DAY);
	double years = exp(1.5 + 0.7 * normal(r));
	double each = (double)matrix_at(p, time, 0)->n + 1;
	double gap = years * 365 * DAY / ((double)p->wish->files / each + 1);
	struct random own = {random_next(r)};
	while (!plan_back(p, own, time, gap)) {
		gap *= 0.6; /* wheels were fewer in the old days */
	}
	if (p->wish->one_more) {
		time = LAST_DAY + (int64_t)random_below(&own, DAY);
		add_release(p, time, (uint32_t)matrix_at(p, time, 0)->n + 1, 0);
		struct release newest = p->releases.v[p->releases.n - 1];
		memmove(p->releases.v + 1, p->releases.v, (p->releases.n - 1) * sizeof(newest));
		p->releases.v[0] = newest;
	}
}

static void next_version(struct project *p, int64_t time)
{
	struct random *r = &p->random;
	time_t seconds = time;
	struct tm tm;
	gmtime_r(&seconds, &tm);
	if (p->versions == VERSION_CALENDAR) {
		p->serial = time / DAY == p->day ? p->serial + 1 : 0;
		p->day = time / DAY;
		int n = snprintf(
			p->version, VERSION_MAX, "%d.%d.%d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
		if (p->serial != 0) {
			snprintf(p->version + n, (size_t)(VERSION_MAX - n), ".%u", p->serial);
		}
		return;
	}
	if (p->versions == VERSION_NIGHTLY) {
		if (++p->serial % 30 != 0) {
			snprintf(p->version, VERSION_MAX, "%u.%u.0.dev%u", p->major, p->minor, p->serial);
		} else {
			snprintf(p->version, VERSION_MAX, "%u.%u.0", p->major, p->minor++);
		}
		return;
	}
	if (p->candidate != 0 && random_chance(r, 60)) {
		p->candidate = 0; /* the final release of those candidates */
	} else if (p->candidate != 0) {
		p->candidate++;
	} else {
		uint32_t draw = random_below(r, 100);
		if (draw < 4) {
			p->major++;
			p->minor = p->patch = 0;
		} else if (draw < 34) {
			p->minor++;
			p->patch = 0;
		} else {
			p->patch++;
		}
		p->candidate = p->patch == 0 && random_chance(r, 25) ? 1 : 0;
	}
	int n = snprintf(p->version, VERSION_MAX, "%u.%u.%u", p->major, p->minor, p->patch);
	if (p->candidate != 0) {
		static const char *const marks[] = {"a", "b", "rc"};
		snprintf(
			p->version + n, (size_t)(VERSION_MAX - n), "%s%u", marks[p->minor % 3], p->candidate);
	}
}

/* What a release says of Python, NULL for nothing. */
static const char *requires_at(const struct project *p, int64_t time)
{
	static const struct {
		int from;
		const char *text;
	} eras[] = {{MONTH(2026, 6), ">=3.11"}, {MONTH(2025, 9), ">=3.10"}, {MONTH(2024, 10), ">=3.9"},
		{MONTH(2023, 6), ">=3.8"}, {MONTH(2022, 1), ">=3.7"}, {MONTH(2020, 6), ">=3.6"},
		{MONTH(2019, 3), ">=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*"},
		{MONTH(2017, 3), ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*, !=3.3.*"}};
	int month = month_of(time) - p->requires_lag;
	for (size_t i = 0; i < sizeof(eras) / sizeof(*eras) && p->requires_lag >= 0; i++) {
		if (month >= eras[i].from) {
			return eras[i].text;
		}
	}
	return NULL;
}

/* Appending without a check of the room: page_make reserves FILE_BYTES before each file. */
struct pen {
	char *p;
};

static void put(struct pen *pen, const char *text)
{
	size_t n = strlen(text);
	memcpy(pen->p, text, n);
	pen->p += n;
}

static void put_hex(struct pen *pen, struct random *r, size_t digits)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < digits; i++) {
		bits = i % 16 == 0 ? random_next(r) : bits >> 4;
		*pen->p++ = "0123456789abcdef"[bits & 15];
	}
}

static void put_number(struct pen *pen, uint64_t n, int width)
{
	char digits[24];
	int at = 0;
	for (; n != 0 || at < width; n /= 10) {
		digits[at++] = (char)('0' + n % 10);
	}
	while (at != 0) {
		*pen->p++ = digits[--at];
	}
}

static void put_time(struct pen *pen, int64_t time, uint32_t micro)
{
	time_t seconds = time;
	struct tm tm;
	gmtime_r(&seconds, &tm);
	put_number(pen, (uint64_t)tm.tm_year + 1900, 4);
	*pen->p++ = '-';
	put_number(pen, (uint64_t)tm.tm_mon + 1, 2);
	*pen->p++ = '-';
	put_number(pen, (uint64_t)tm.tm_mday, 2);
	*pen->p++ = 'T';
	put_number(pen, (uint64_t)tm.tm_hour, 2);
	*pen->p++ = ':';
	put_number(pen, (uint64_t)tm.tm_min, 2);
	*pen->p++ = ':';
	put_number(pen, (uint64_t)tm.tm_sec, 2);
	*pen->p++ = '.';
	put_number(pen, micro, 6);
	*pen->p++ = 'Z';
}

/* What all files of a release share. */
struct release_words {
	const struct release *release;
	const char *requires;
	const char *yanked;
	bool metadata, provenance;
};

static void put_file(
	struct project *p, struct pen *pen, const struct release_words *w, const char *name, size_t k)
{
	struct random *r = &p->random;
	bool wheel = str_ends(str_from(name), ".whl");
	put(pen, "{");
	if (w->metadata && wheel) {
		put(pen, "\"core-metadata\":{\"sha256\":\"");
		put_hex(pen, r, 64);
		put(pen, "\"},");
	}
	put(pen, "\"filename\":\"");
	put(pen, name);
	put(pen, "\",\"hashes\":{\"sha256\":\"");
	put_hex(pen, r, 64);
	put(pen, "\"},");
	if (w->provenance) {
		put(pen, "\"provenance\":\"/integrity/");
		put(pen, p->wish->name);
		put(pen, "/");
		put(pen, p->version);
		put(pen, "/");
		put(pen, name);
		put(pen, "/provenance\",");
	}
	put(pen, "\"requires-python\":");
	put(pen, w->requires != NULL ? "\"" : "null");
	if (w->requires != NULL) {
		put(pen, w->requires);
		put(pen, "\"");
	}
	put(pen, ",\"size\":");
	uint32_t size = p->size / 2 + random_below(r, p->size);
	put_number(pen, wheel ? size : size / 3 + 900, 1);
	put(pen, ",\"upload-time\":\"");
	put_time(pen, w->release->time + (int64_t)k * 2, random_below(r, 1000000));
	put(pen, "\",\"url\":\"/packages/");
	put_hex(pen, r, 2);
	put(pen, "/");
	put_hex(pen, r, 2);
	put(pen, "/");
	put_hex(pen, r, 60);
	put(pen, "/");
	put(pen, name);
	put(pen, "\",\"yanked\":");
	put(pen, w->yanked);
	put(pen, "}");
}

static void put_release(struct project *p, const struct release *release, struct buf *out)
{
	struct random *r = &p->random;
	static const char *const reasons[] = {"true", "\"broken wheel on some platforms\"",
		"\"regression: see the tracker, issue 1041\"", "\"wrong requires-python\""};
	const struct release_words words = {
		.release = release,
		.requires = requires_at(p, release->time),
		.yanked = random_chance(r, 1.5) ? reasons[random_below(r, 4)] : "false",
		.metadata = p->core_metadata && release->time > 1684800000, /* May 2023 */
		.provenance = p->provenance && release->time > 1731542400, /* November 2024 */
	};
	const struct matrix *m = matrix_at(p, release->time, release->dropped);
	bool again = random_chance(r, 0.5); /* a build number */
	for (uint32_t i = 0; i < release->files; i++) {
		/* the sdist is the last of a release, and a release cut short has one all the same */
		bool sdist = i + 1 == release->files;
		char name[NAME_MAX_BYTES + VERSION_MAX + MATRIX_TAG + 16];
		if (sdist) {
			bool old = release->time < 1400000000 && p->style.kind != MATRIX_SDIST;
			snprintf(name, sizeof(name), "%s-%s%s",
				release->time < 1640000000 ? p->wish->name : p->escaped, p->version,
				old ? ".zip" : ".tar.gz");
		} else {
			snprintf(name, sizeof(name), "%s-%s-%s%s.whl", p->escaped, p->version,
				again ? "1-" : "", m->tags[i]);
		}
		buf_reserve(out, FILE_BYTES);
		struct pen pen = {out->p + out->n};
		put_file(p, &pen, &words, name, i);
		*pen.p++ = ',';
		out->n = (size_t)(pen.p - out->p);
	}
}

static void project_init(struct project *p, const struct page_wish *w)
{
	*p = (struct project){.wish = w, .random = {w->seed}, .month = -1};
	struct random *r = &p->random;
	matrix_style_draw(r, w->files, &p->style);
	uint32_t draw = random_below(r, 100);
	p->versions = draw < 84 ? VERSION_SEMANTIC : draw < 95 ? VERSION_CALENDAR : VERSION_NIGHTLY;
	p->minor = 1;
	snprintf(p->escaped, sizeof(p->escaped), "%s", w->name);
	for (char *c = p->escaped; *c != '\0'; c++) {
		*c = *c == '-' ? '_' : *c;
	}
	p->size = (uint32_t)exp(11.5 + 1.6 * normal(r)) % 400000000 + 2000;
	p->requires_lag = random_chance(r, 15) ? -1 : (int)random_below(r, 30);
	p->core_metadata = random_chance(r, 70);
	p->provenance = random_chance(r, 20);
	draw = random_below(r, 2000);
	p->status = draw < 8 ? ",\"project-status\":{\"status\":\"archived\"}"
		: draw < 10 ? ",\"project-status\":{\"reason\":\"use another\",\"status\":\"deprecated\"}"
					: "";
}

void page_make(const struct page_wish *w, struct buf *out, struct page_facts *facts)
{
	struct project *p = MEM_NEW(struct project);
	struct buf versions = {0};
	project_init(p, w);
	plan(p);
	int64_t newest = p->releases.v[0].time;
	/* a few numbers each second, from one million in 2006 on */
	*facts = (struct page_facts){
		.serial = 1000000 + (uint64_t)((newest - FIRST_DAY) / 16) + (w->one_more ? 1 : 0)};
	buf_add_text(out, "{\"files\":[");
	for (size_t i = p->releases.n; i-- > 0;) {
		const struct release *release = &p->releases.v[i];
		next_version(p, release->time);
		put_release(p, release, out);
		buf_printf(&versions, "%s\"%s\"", versions.n != 0 ? "," : "", p->version);
		facts->files += release->files;
	}
	out->n--; /* the last comma */
	buf_printf(out,
		"],\"meta\":{\"_last-serial\":%llu,\"api-version\":\"1.4\"},\"name\":\"%s\"%s,"
		"\"versions\":[",
		(unsigned long long)facts->serial, w->name, p->status);
	buf_add_str(out, buf_view(&versions));
	buf_add_text(out, "]}");
	buf_finish(&versions);
	vec_finish(&p->releases);
	free(p);
}
