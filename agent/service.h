/* The agent as a service of the operating system. One file per operating system behind this header. */
#pragma once

/* `--service WORD`: "install" and "remove" make the agent with this configuration a service, which the
 * system starts when it starts; "run" is how it starts one. The program's exit code. */
int service(const char *word, const char *config, int (*run)(void *user), void *user);
