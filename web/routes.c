#include "web/routes.h"

#include "core/farm_protocol/message.h"
#include "web/api_admin.h"
#include "web/api_agent.h"
#include "web/metrics.h"
#include "web/openapi.h"
#include "web/pages.h"
#include "web/queue_state.h"

#include <string.h>

enum {
	SMALL = 1 << 20,
	RESULT = 16 << 20,
	PAGE = ROUTE_HTML | ROUTE_JSON,
	TABLE = PAGE | ROUTE_CSV,
};

const struct route routes[] = {
	/* public: pages, and the same facts for programs */
	{ROUTE_GET, "/", ROUTE_HTML, .read = page_overview, .summary = "How the packages stand"},
	{ROUTE_GET, "/index", ROUTE_JSON | ROUTE_CSV, .read = page_overview,
		.summary = "How the packages stand"},
	{ROUTE_GET, "/packages", TABLE, .read = page_packages,
		.summary = "Packages, and how each stands on every target",
		.query = "target state reason owner q sort offset"},
	{ROUTE_GET, "/search", ROUTE_JSON, .read = page_search,
		.summary = "The packages whose names fit best, while one types", .query = "q"},
	{ROUTE_GET, "/package/{}", TABLE | ROUTE_ATOM, .read = page_package,
		.summary = "Everything known of a package; as Atom: its changes"},
	{ROUTE_GET, "/job/{}", PAGE, .read = page_job, .summary = "A build or test with its stages",
		.query = "find"},
	{ROUTE_GET, "/job/{}/log", ROUTE_TEXT, .read = page_job_log,
		.summary = "A job's log, or some lines of it", .query = "from to"},
	{ROUTE_GET, "/job/{}/spec", ROUTE_DATA, .read = page_job_spec,
		.summary = "The job as an agent gets it"},
	{ROUTE_GET, "/job/{}/events", ROUTE_EVENTS, .read = page_job_events,
		.summary = "A growing log as server-sent events", .query = "from"},
	{ROUTE_GET, "/changes", TABLE, .read = page_changes,
		.summary = "What appeared, vanished, broke, was fixed", .query = "since until target"},
	{ROUTE_GET, "/feed", ROUTE_ATOM, .read = page_feed, .summary = "The latest changes"},
	{ROUTE_GET, "/feed/{}", ROUTE_ATOM, .read = page_feed,
		.summary = "The latest changes on a target"},
	{ROUTE_GET, "/badge/{}/{}", ROUTE_SVG | ROUTE_JSON, .read = page_badge,
		.summary = "A package's headline on a target, as a small picture"},
	{ROUTE_GET, "/blockers", TABLE, .read = page_blockers,
		.summary = "Why builds for a target fail, root causes first", .query = "target"},
	{ROUTE_GET, "/start-here", TABLE, .read = page_start,
		.summary = "What a contributor could fix first", .query = "target"},
	{ROUTE_GET, "/farm", TABLE, .handle = page_farm_begin, .read = page_farm,
		.summary = "Agents, queue, results by day, disk"},
	{ROUTE_GET, "/style", ROUTE_HTML, .read = page_style,
		.summary = "Every component of these pages in every state"},
	{ROUTE_GET, "/queue", ROUTE_JSON, .handle = page_queue,
		.summary = "How long the queue is, and how long it will take"},
	{ROUTE_GET, "/sitemap", ROUTE_XML, .read = page_sitemap, .summary = "Addresses of all pages"},
	{ROUTE_GET, "/openapi", ROUTE_JSON, .handle = page_openapi, .summary = "This description"},
	{ROUTE_GET, "/metrics", ROUTE_TEXT, .handle = page_metrics,
		.summary = "Figures for Prometheus"},
	{ROUTE_GET, "/healthz", ROUTE_TEXT, .handle = page_health, .summary = "Whether it serves"},
	{ROUTE_GET, "/assets/{}", ROUTE_TEXT, .handle = page_asset,
		.summary = "Style sheet, scripts, font and icon, by content"},
	{ROUTE_GET, "/favicon.ico", ROUTE_TEXT, .handle = page_icon, .summary = "The icon"},
	{ROUTE_GET, "/robots.txt", ROUTE_TEXT, .handle = page_robots,
		.summary = "What crawlers may ask for"},

	/* agents */
	{ROUTE_POST, PROTOCOL_PATH "/hello", ROUTE_DATA, ROUTE_AGENT, SMALL, api_agent_hello,
		.summary = "An agent says what it is"},
	{ROUTE_POST, PROTOCOL_PATH "/lease", ROUTE_DATA, ROUTE_AGENT, SMALL, api_agent_lease,
		.summary = "A job, waited for"},
	{ROUTE_POST, PROTOCOL_PATH "/heartbeat", ROUTE_DATA, ROUTE_AGENT, SMALL, api_agent_heartbeat,
		.summary = "A lease goes on"},
	{ROUTE_POST, PROTOCOL_PATH "/log", ROUTE_DATA, ROUTE_AGENT, PROTOCOL_PIECE, api_agent_log,
		.summary = "More of a growing log"},
	{ROUTE_GET, PROTOCOL_PATH "/upload/{}", ROUTE_DATA, ROUTE_AGENT, 0, api_agent_upload_state,
		.summary = "How much of a file is there"},
	{ROUTE_PUT, PROTOCOL_PATH "/upload/{}", ROUTE_DATA, ROUTE_AGENT, PROTOCOL_PIECE,
		api_agent_upload, .summary = "A piece of a file"},
	{ROUTE_GET, PROTOCOL_PATH "/blob/{}", ROUTE_DATA, ROUTE_AGENT, 0, api_agent_blob,
		.summary = "A file that a job needs"},
	{ROUTE_POST, PROTOCOL_PATH "/result", ROUTE_DATA, ROUTE_AGENT, RESULT, api_agent_result,
		.summary = "How a job ended"},
	{ROUTE_GET, ADMIN_PATH "/agents", ROUTE_DATA, ROUTE_ADMIN, .read = api_admin_agents,
		.summary = "All agents"},
	{ROUTE_POST, ADMIN_PATH "/agents", ROUTE_DATA, ROUTE_ADMIN, SMALL, api_admin_agent_add,
		.summary = "A new agent; its token, once"},
	{ROUTE_POST, ADMIN_PATH "/agent/{}/drain", ROUTE_DATA, ROUTE_ADMIN, 0, api_admin_agent_drain,
		.summary = "An agent gets no more jobs"},
	{ROUTE_POST, ADMIN_PATH "/agent/{}/release", ROUTE_DATA, ROUTE_ADMIN, 0,
		api_admin_agent_release, .summary = "An agent gets jobs again"},
	{ROUTE_POST, ADMIN_PATH "/agent/{}/revoke", ROUTE_DATA, ROUTE_ADMIN, 0, api_admin_agent_revoke,
		.summary = "An agent's token is worth nothing any more"},
	{ROUTE_GET, ADMIN_PATH "/audit", ROUTE_DATA, ROUTE_ADMIN, .read = api_admin_audit,
		.summary = "What administrators did", .query = "most"},
};
const size_t route_count = sizeof(routes) / sizeof(*routes);

static const struct form {
	enum route_form form;
	const char *ending;
	const char *type;
} forms[] = {
	{ROUTE_JSON, ".json", "application/json"},
	{ROUTE_CSV, ".csv", "text/csv; charset=utf-8"},
	{ROUTE_ATOM, ".atom", "application/atom+xml"},
	{ROUTE_SVG, ".svg", "image/svg+xml"},
	{ROUTE_XML, ".xml", "application/xml"},
	{ROUTE_HTML, "", "text/html; charset=utf-8"},
	{ROUTE_TEXT, "", "text/plain; charset=utf-8"},
	{ROUTE_EVENTS, "", "text/event-stream"},
	{ROUTE_DATA, "", "application/json"},
};
enum { FORM_COUNT = sizeof(forms) / sizeof(*forms) };

static const struct form *form_of(enum route_form form)
{
	size_t i = 0;
	while (forms[i].form != form) {
		i++;
	}
	return &forms[i];
}

const char *route_type(enum route_form form)
{
	return form_of(form)->type;
}

const char *route_ending(enum route_form form)
{
	return form_of(form)->ending;
}

static unsigned method_of(const char *method)
{
	static const struct {
		const char *name;
		unsigned method;
	} methods[] = {
		{"GET", ROUTE_GET}, {"HEAD", ROUTE_GET}, {"POST", ROUTE_POST}, {"PUT", ROUTE_PUT}};
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (strcmp(method, methods[i].name) == 0) {
			return methods[i].method;
		}
	}
	return 0;
}

static const char *allow_of(unsigned methods)
{
	static const char *const texts[] = {
		[ROUTE_GET] = "GET, HEAD",
		[ROUTE_POST] = "POST",
		[ROUTE_PUT] = "PUT",
		[ROUTE_GET | ROUTE_POST] = "GET, HEAD, POST",
		[ROUTE_GET | ROUTE_PUT] = "GET, HEAD, PUT",
		[ROUTE_POST | ROUTE_PUT] = "POST, PUT",
		[ROUTE_GET | ROUTE_POST | ROUTE_PUT] = "GET, HEAD, POST, PUT",
	};
	return texts[methods];
}

/* Both begin with '/'; segments are compared one by one. */
static bool pattern_fits(const char *pattern, struct str path, struct str arguments[2])
{
	struct str rest = str_from(pattern);
	struct str want, have;
	size_t n = 0;
	arguments[0] = arguments[1] = STR("");
	for (;;) {
		bool more = str_split(&rest, '/', &want);
		if (str_split(&path, '/', &have) != more) {
			return false;
		}
		if (!more) {
			return true;
		}
		if (str_is(want, "{}") && have.n > 0) {
			arguments[n++] = have;
		} else if (!str_equal(want, have)) {
			return false;
		}
	}
}

/* Whether the path begins as the pattern does, up to its first {}: most routes end here. */
static bool begins_alike(const char *pattern, struct str path)
{
	for (size_t i = 0; pattern[i] != '\0' && pattern[i] != '{'; i++) {
		if (i >= path.n || path.p[i] != pattern[i]) {
			return false;
		}
	}
	return true;
}

/* The first of the route's forms whose ending the path has; what is left of the path has to fit. */
static bool route_fits(const struct route *r, struct str path, struct route_match *m)
{
	for (size_t i = 0; i < FORM_COUNT; i++) {
		const struct form *f = &forms[i];
		if ((r->forms & f->form) != 0 && str_ends(path, f->ending) &&
			pattern_fits(
				r->pattern, str_slice(path, 0, path.n - strlen(f->ending)), m->arguments)) {
			m->form = f->form;
			return true;
		}
	}
	return false;
}

struct route_match route_find(const char *method, struct str path)
{
	struct route_match m = {0};
	unsigned wanted = method_of(method);
	unsigned others = 0;
	for (size_t i = 0; i < route_count; i++) {
		if (!begins_alike(routes[i].pattern, path) || !route_fits(&routes[i], path, &m)) {
			continue;
		}
		if ((routes[i].methods & wanted) != 0) {
			m.route = &routes[i];
			return m;
		}
		others |= routes[i].methods;
	}
	m.allow = allow_of(others);
	return m;
}
