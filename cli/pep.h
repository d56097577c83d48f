/* `wheelfarm pep`: the standards engine on lines of standard input. */
#pragma once

int command_pep(int argc, char **argv);
