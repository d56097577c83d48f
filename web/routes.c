#include "web/routes.h"

#include "core/farm_protocol/message.h"
#include "web/api_admin.h"
#include "web/api_agent.h"
#include "web/metrics.h"
#include "web/queue_state.h"
#include "web/pages.h"

#include <string.h>

enum { SMALL = 1 << 20, RESULT = 16 << 20 };

const struct route routes[] = {
	{ROUTE_GET, "/", ROUTE_HTML, ROUTE_PUBLIC, 0, page_overview},
	{ROUTE_GET, "/index.json", ROUTE_JSON, ROUTE_PUBLIC, 0, page_overview},
	{ROUTE_GET, "/packages", ROUTE_HTML, ROUTE_PUBLIC, 0, page_packages},
	{ROUTE_GET, "/packages.json", ROUTE_JSON, ROUTE_PUBLIC, 0, page_packages},
	{ROUTE_GET, "/changes", ROUTE_HTML, ROUTE_PUBLIC, 0, page_changes},
	{ROUTE_GET, "/changes.json", ROUTE_JSON, ROUTE_PUBLIC, 0, page_changes},
	{ROUTE_GET, "/package/{}.json", ROUTE_JSON, ROUTE_PUBLIC, 0, page_package},
	{ROUTE_GET, "/package/{}", ROUTE_HTML, ROUTE_PUBLIC, 0, page_package},
	{ROUTE_GET, "/job/{}.json", ROUTE_JSON, ROUTE_PUBLIC, 0, page_job},
	{ROUTE_GET, "/job/{}", ROUTE_HTML, ROUTE_PUBLIC, 0, page_job},
	{ROUTE_GET, "/job/{}/log", ROUTE_TEXT, ROUTE_PUBLIC, 0, page_job_log},
	{ROUTE_GET, "/job/{}/spec", ROUTE_JSON, ROUTE_PUBLIC, 0, page_job_spec},
	{ROUTE_GET, "/job/{}/events", ROUTE_EVENTS, ROUTE_PUBLIC, 0, page_job_events},
	{ROUTE_GET, "/assets/{}", ROUTE_TEXT, ROUTE_PUBLIC, 0, page_asset},
	{ROUTE_GET, "/favicon.ico", ROUTE_TEXT, ROUTE_PUBLIC, 0, page_icon},
	{ROUTE_GET, "/healthz", ROUTE_TEXT, ROUTE_PUBLIC, 0, page_health},
	{ROUTE_GET, "/queue.json", ROUTE_JSON, ROUTE_PUBLIC, 0, page_queue},
	{ROUTE_GET, "/metrics", ROUTE_TEXT, ROUTE_PUBLIC, 0, page_metrics},
	{ROUTE_POST, PROTOCOL_PATH "/hello", ROUTE_JSON, ROUTE_AGENT, SMALL, api_agent_hello},
	{ROUTE_POST, PROTOCOL_PATH "/lease", ROUTE_JSON, ROUTE_AGENT, SMALL, api_agent_lease},
	{ROUTE_POST, PROTOCOL_PATH "/heartbeat", ROUTE_JSON, ROUTE_AGENT, SMALL, api_agent_heartbeat},
	{ROUTE_POST, PROTOCOL_PATH "/log", ROUTE_JSON, ROUTE_AGENT, PROTOCOL_PIECE, api_agent_log},
	{ROUTE_GET, PROTOCOL_PATH "/upload/{}", ROUTE_JSON, ROUTE_AGENT, 0, api_agent_upload_state},
	{ROUTE_PUT, PROTOCOL_PATH "/upload/{}", ROUTE_JSON, ROUTE_AGENT, PROTOCOL_PIECE,
		api_agent_upload},
	{ROUTE_GET, PROTOCOL_PATH "/blob/{}", ROUTE_JSON, ROUTE_AGENT, 0, api_agent_blob},
	{ROUTE_POST, PROTOCOL_PATH "/result", ROUTE_JSON, ROUTE_AGENT, RESULT, api_agent_result},
	{ROUTE_GET, ADMIN_PATH "/agents", ROUTE_JSON, ROUTE_ADMIN, 0, api_admin_agents},
	{ROUTE_POST, ADMIN_PATH "/agents", ROUTE_JSON, ROUTE_ADMIN, SMALL, api_admin_agent_add},
	{ROUTE_POST, ADMIN_PATH "/agent/{}/drain", ROUTE_JSON, ROUTE_ADMIN, 0, api_admin_agent_drain},
	{ROUTE_POST, ADMIN_PATH "/agent/{}/release", ROUTE_JSON, ROUTE_ADMIN, 0,
		api_admin_agent_release},
	{ROUTE_POST, ADMIN_PATH "/agent/{}/revoke", ROUTE_JSON, ROUTE_ADMIN, 0, api_admin_agent_revoke},
	{ROUTE_GET, ADMIN_PATH "/audit", ROUTE_JSON, ROUTE_ADMIN, 0, api_admin_audit},
};
const size_t route_count = sizeof(routes) / sizeof(*routes);

const char *route_type(enum route_form form)
{
	static const char *const types[] = {
		[ROUTE_HTML] = "text/html; charset=utf-8",
		[ROUTE_JSON] = "application/json",
		[ROUTE_TEXT] = "text/plain; charset=utf-8",
		[ROUTE_EVENTS] = "text/event-stream",
	};
	return types[form];
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

static bool pattern_fits(const char *pattern, struct str path, struct str *argument)
{
	const char *hole = strstr(pattern, "{}");
	if (hole == NULL) {
		*argument = STR("");
		return str_is(path, pattern);
	}
	size_t before = (size_t)(hole - pattern);
	const char *after = hole + 2;
	size_t after_n = strlen(after);
	if (path.n <= before + after_n || memcmp(path.p, pattern, before) != 0 ||
		!str_ends(path, after)) {
		return false;
	}
	*argument = str_slice(path, before, path.n - after_n);
	return str_find(*argument, '/') < 0;
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

const struct route *route_find(
	const char *method, struct str path, struct str *argument, const char **allow)
{
	unsigned wanted = method_of(method);
	unsigned others = 0;
	for (size_t i = 0; i < route_count; i++) {
		if (!pattern_fits(routes[i].pattern, path, argument)) {
			continue;
		}
		if ((routes[i].methods & wanted) != 0) {
			return &routes[i];
		}
		others |= routes[i].methods;
	}
	*allow = allow_of(others);
	return NULL;
}
