/* `wheelfarm inspect FILE.whl…`: open wheels and judge bytes against tags. Returns an exit code
 * (cli/main.h). */
#pragma once

int command_inspect(int argc, char **argv);
