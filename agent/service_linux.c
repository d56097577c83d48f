#include "agent/service.h"

#include "agent/agent.h"

#include <stdio.h>

int service(const char *word, const char *config, int (*run)(void *user), void *user)
{
	fputs("wheelfarm-agent: --service is for Windows; tools/systemd has a unit\n", stderr);
	return AGENT_USAGE;
}
