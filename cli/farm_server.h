/* The farm's server as its configuration wants it, and the way in for commands (admin_link.h). */
#pragma once

#include "cli/farm_inputs.h"
#include "web/server.h"

struct farm_server {
	struct server *server;
	char *address; /* for agents: "https://farm.example:8443" */
	const char *state; /* the configuration's */
};

/* Listens and leaves STATE/admin.json. On an error there is nothing to stop. */
int farm_server_start(uv_loop_t *loop, struct farm_inputs *in, struct queue *queue,
	struct farm_server *out, struct err *e);
void farm_server_stop(struct farm_server *s, void (*done)(void *user), void *user);
