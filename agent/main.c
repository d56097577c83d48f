/* wheelfarm-agent: takes jobs from a coordinator, builds and tests in sandboxes, reports back. */
#include "agent/daemon.h"
#include "agent/host.h"
#include "agent/one_job.h"
#include "agent/service.h"
#include "agent/stage_child.h"
#include "core/base/log.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"usage: wheelfarm-agent [--once | --job FILE | --service WORD] --config FILE\n"
	"\n"
	"Takes jobs from a coordinator, builds and tests them in sandboxes, and reports back.\n"
	"\n"
	"  --config FILE  JSON: coordinator, token_file, name, slots, workspace, cache, ca_file,\n"
	"                 uid_base, min_free_mb, drain, die_with_parent\n"
	"  --once         take one job and end: for Slurm arrays, Kubernetes Jobs, CI runners\n"
	"  --job FILE     run the job in FILE without a coordinator, print its log and its result,\n"
	"                 and keep the workspace with a commands.sh that does the same by hand\n"
	"  --service WORD on Windows: install (and start) this agent as a service, or remove it\n"
	"  --version      print the version\n"
	"\n"
	"Exit codes: 0 fine; 1 the job failed; 2 wrong use; 3 the farm or the network failed.\n"
	"Example: wheelfarm-agent --config /etc/wheelfarm/agent.json\n";

struct options {
	const char *config;
	const char *job;
	const char *service;
	bool once;
};

/* True to go on; else *code is the program's end. */
static bool read_options(int argc, char **argv, struct options *out, int *code)
{
	static const struct option table[] = {
		{"config", required_argument, NULL, 'c'},
		{"job", required_argument, NULL, 'j'},
		{"service", required_argument, NULL, 's'},
		{"once", no_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	for (int option = 0; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
		switch (option) {
		case 'c':
			out->config = optarg;
			break;
		case 'j':
			out->job = optarg;
			break;
		case 's':
			out->service = optarg;
			break;
		case 'o':
			out->once = true;
			break;
		case 'h':
			fputs(usage, stdout);
			*code = AGENT_FINE;
			return false;
		case 'v':
			puts("wheelfarm-agent " WHEELFARM_VERSION);
			*code = AGENT_FINE;
			return false;
		default:
			*code = AGENT_USAGE;
			return false;
		}
	}
	*code = AGENT_USAGE;
	if (optind != argc) {
		fprintf(stderr, "wheelfarm-agent: unexpected argument: %s\n", argv[optind]);
		return false;
	}
	if (out->config == NULL) {
		fputs("wheelfarm-agent: --config FILE is needed (see --help)\n", stderr);
		return false;
	}
	if (out->once + (out->job != NULL) + (out->service != NULL) > 1) {
		fputs("wheelfarm-agent: --once, --job and --service exclude each other\n", stderr);
		return false;
	}
	return true;
}

/* This program's file, for the stages that are its own children. */
static int find_program(struct agent *agent, struct err *e)
{
	char path[4096];
	size_t n = sizeof(path);
	int code = uv_exepath(path, &n);
	if (code != 0) {
		return err_set(e, code, "this program's file: %s", uv_strerror(code));
	}
	agent->program = arena_copy(&agent->arena, path, n);
	return 0;
}

static int prepare(struct agent *agent, struct err *e)
{
	int code = find_program(agent, e);
	if (code == 0 && agent->config.die_with_parent) {
		code = host_die_with_parent(e);
	}
	if (code != 0) {
		return code;
	}
	agent->sandbox = sandbox_identity(&agent->arena);
	if (agent->sandbox[0] == '\0') {
		return err_set(e, ERR_NOT_FOUND, "bubblewrap: not installed (apt-get install bubblewrap)");
	}
	agent->own_uid = host_has_users() && agent->config.uid_base != 0;
	if (agent->own_uid) {
		code = sandbox_expose(&agent->arena, &agent->config.cache, &agent->config.workspace,
			&agent->program, &agent->exposed, e);
	}
	return code;
}

static int run(void *user)
{
	const struct options *options = user;
	int code = 0;
	struct agent agent = {0};
	struct err e = {0};
	uv_loop_t loop;
	agent.loop = &loop;
	uv_loop_init(&loop);
	if (agent_config_read(options->config, options->job == NULL, &agent.config, &e) != 0) {
		code = AGENT_USAGE;
	} else if (prepare(&agent, &e) != 0) {
		code = AGENT_WORLD;
	} else if (options->job != NULL) {
		code = one_job(&agent, options->job, &e);
	} else {
		code = daemon_run(&agent, options->once, &e);
	}
	if (e.code != 0) {
		fprintf(log_file(), "wheelfarm-agent: %s\n", e.text);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	agent_config_finish(&agent.config);
	arena_finish(&agent.arena);
	return code;
}

int main(int argc, char **argv)
{
	host_start(&argc, &argv);
	if (argc >= 3 && strcmp(argv[1], "--stage") == 0) {
		return stage_child_main(argc - 2, argv + 2);
	}
	struct options options = {0};
	int code = 0;
	if (!read_options(argc, argv, &options, &code)) {
		return code;
	}
	return options.service != NULL ? service(options.service, options.config, run, &options)
								   : run(&options);
}
