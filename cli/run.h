/* `wheelfarm run` and `wheelfarm serve`: the farm in one process tree. Both return an exit code
 * (cli/main.h). */
#pragma once

int command_run(int argc, char **argv);
int command_serve(int argc, char **argv);
