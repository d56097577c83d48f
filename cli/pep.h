/* `wheelfarm pep`: the standards engine on lines of standard input, one answer a line. Returns an exit
 * code (cli/main.h). */
#pragma once

int command_pep(int argc, char **argv);
