/* The commands of wheelfarm and what their exit codes mean (README, "Exit codes"). */
#pragma once

enum exit_code {
	EXIT_FINE = 0, /* all asked for is fine */
	EXIT_NOT_FINE = 1, /* asked and answered, and something is not fine */
	EXIT_USAGE = 2, /* wrong use, or input that cannot be opened or parsed */
	EXIT_WORLD = 3, /* network, disk, database: nothing is concluded about any package */
	EXIT_INTERRUPT = 130,
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns an exit code */
	const char *summary;
};
