/* `wheelfarm export`: the facts as files for other programs. */
#pragma once

int command_export(int argc, char **argv);
