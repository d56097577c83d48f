#include "cli/main.h"

#include "cli/agent.h"
#include "cli/export.h"
#include "cli/farm.h"
#include "cli/changes.h"
#include "cli/check.h"
#include "cli/inspect.h"
#include "cli/pep.h"
#include "cli/recipe.h"
#include "cli/report.h"
#include "cli/run.h"
#include "cli/scan.h"
#include "cli/show.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
	{"run", command_run, "scan, build, test and show it, with local agents, until all is done"},
	{"serve", command_serve, "the coordinator and its dashboard, until it is stopped"},
	{"scan", command_scan, "read index pages, store what is published"},
	{"check", command_check,
		"would a project install on ARM, dependencies included, and what blocks it"},
	{"show", command_show, "everything known of one package"},
	{"changes", command_changes, "what appeared, vanished, broke, was fixed between two scans"},
	{"inspect", command_inspect, "open wheels and judge bytes against tags"},
	{"agent", command_agent, "who may build: add, list, drain, release, revoke"},
	{"farm", command_farm, "a farm from outside: status, backup"},
	{"recipe", command_recipe, "per-package recipes: list, lint"},
	{"export", command_export, "the facts as files for other programs"},
	{"report", command_report, "the dashboard as files, for any web server"},
	{"pep", command_pep, "the standards engine on lines of standard input"},
};

static void print_usage(FILE *out)
{
	fprintf(out, "usage: wheelfarm COMMAND [ARGUMENT…]\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
	}
	fprintf(out,
		"\n`wheelfarm COMMAND --help` tells more.\n"
		"example: wheelfarm scan markupsafe && wheelfarm show markupsafe\n");
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		print_usage(stdout);
		return EXIT_FINE;
	}
	if (strcmp(name, "--version") == 0) {
		printf("wheelfarm %s\n", WHEELFARM_VERSION);
		return EXIT_FINE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return commands[i].run(argc - 1, argv + 1);
		}
	}
	fprintf(stderr, "wheelfarm: no command '%s'; wheelfarm --help lists them\n", name);
	return EXIT_USAGE;
}
