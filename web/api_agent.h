/* The agents' API (core/farm_protocol/message.h) onto the queue. All of it is on the loop's thread;
 * an answer that waits for the disk, or for a job, leaves its connection suspended meanwhile. */
#pragma once

#include "web/request.h"

/* True if the request's token belongs to an agent (then r->agent) and its protocol version is one we
 * speak; else r->reply has the refusal: 401, 426, or 503 where no queue runs. */
bool api_agent_admit(struct request *r);

void api_agent_hello(struct request *r);
void api_agent_lease(struct request *r);
void api_agent_heartbeat(struct request *r);
void api_agent_log(struct request *r);
void api_agent_upload_state(struct request *r);
void api_agent_upload(struct request *r);
void api_agent_blob(struct request *r);
void api_agent_result(struct request *r);
