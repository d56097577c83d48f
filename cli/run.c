#include "cli/run.h"

#include "cli/farm_program.h"
#include "cli/options.h"

/* Both commands take the same; `about` has what differs, its table is filled here. */
static int start(int argc, char **argv, struct options about, bool serve)
{
	const char *config = NULL;
	const struct option table[] = {
		{.name = "config",
			.letter = 'c',
			.kind = OPTION_TEXT,
			.out = &config,
			.value = "FILE",
			.help = "packages, targets, agents: one YAML file"},
		{0},
	};
	struct option_list words = {0};
	about.usage = "--config FILE";
	about.table = table;
	int code = options_parse(&about, argc, argv, &words);
	options_list_finish(&words);
	if (code != OPTIONS_GO) {
		return code;
	}
	if (config == NULL) {
		return options_wrong(about.command, "--config FILE is needed (examples/ has some)");
	}
	return farm_program_run(&(struct farm_options){.config = config, .serve = serve});
}

int command_run(int argc, char **argv)
{
	const struct options about = {
		.command = "run",
		.about =
			"Scan the packages, build and test what is wanted with agents started here, serve the\n"
			"dashboard meanwhile; ends with a table when all is done. Run it again: only what\n"
			"changed is asked and built.",
		.example = "wheelfarm run --config examples/first-light.yaml",
	};
	return start(argc, argv, about, false);
}

int command_serve(int argc, char **argv)
{
	const struct options about = {
		.command = "serve",
		.about = "The coordinator: the same as run, until it is stopped; scans again after the "
				 "config's\n"
				 "refresh_hours.",
		.example = "wheelfarm serve --config examples/first-light.yaml",
	};
	return start(argc, argv, about, true);
}
