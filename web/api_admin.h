/* The administrators' API: who may build, and what was done about it. Every deed is in the audit log
 * (coordinator/store/audit.h) before it begins. On the loop's thread, as the agents' API. */
#pragma once

#include "web/request.h"

#define ADMIN_PATH "/api/v1/admin"

/* True if the request has an administrator's token; else r->reply has the refusal (401, 503). */
bool api_admin_admit(struct request *r);

void api_admin_agent_add(struct request *r); /* POST {"name", "trusted"}: 201 {"name", "token"} */
void api_admin_agent_drain(struct request *r); /* takes no more jobs, ends those it has */
void api_admin_agent_release(struct request *r); /* drained or quarantined: active again */
void api_admin_agent_revoke(struct request *r); /* its token is worth nothing from now on */
/* On a worker (page_render.h): GET, all agents without tokens; GET ?most=, the newest lines of the log. */
int api_admin_agents(struct request *r, struct store *s, struct err *e);
int api_admin_audit(struct request *r, struct store *s, struct err *e);
